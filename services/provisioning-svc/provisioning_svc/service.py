"""What provisioning-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.service import CallSpec, ServiceSpec, TimerSpec
from dualbus_tmf.hub.endpoints import with_hubs
from dualbus_tmf.second_base import second_base_router

from provisioning_svc.activation.completing import element_answered
from provisioning_svc.activation.handlers import handlers
from provisioning_svc.cancel_resource_order import endpoints as cancel_resource_order
from provisioning_svc.cancel_service_order import endpoints as cancel_service_order
from provisioning_svc.catalogue.declarations import ROUTERS
from provisioning_svc.element.calls import KIND, perform_with_settings
from provisioning_svc.resource.repository import RESOURCE_INVENTORY
from provisioning_svc.resource_order import endpoints as resource_order
from provisioning_svc.resource_order.use_cases import TIMER as RESOURCE_ORDER_TIMER
from provisioning_svc.resource_order.use_cases import resource_orders_due
from provisioning_svc.service_activation import endpoints as service_activation
from provisioning_svc.service_inventory.repository import SERVICE_INVENTORY
from provisioning_svc.service_order import endpoints as service_order
from provisioning_svc.service_order.use_cases import TIMER as SERVICE_ORDER_TIMER
from provisioning_svc.service_order.use_cases import service_orders_due
from provisioning_svc.settings import ProvisioningSettings
from provisioning_svc.tables import metadata

SERVICE = ServiceSpec(
    name="provisioning",
    title="Dualbus provisioning-svc: from a task to an active service",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[
        *ROUTERS,
        service_order.router,
        cancel_service_order.router,
        resource_order.router,
        # As TMF652's kit has it.
        second_base_router(
            "/tmf-api/resourceOrdering/v4", base="/tmf-api/resourceOrderingManagement/v4"
        ),
        cancel_resource_order.router,
        service_activation.router,
        SERVICE_INVENTORY.router,
        RESOURCE_INVENTORY.router,
    ],
    consumers=[ConsumerSpec("provisioning-svc.provisioning", 1, handlers)],
    timers=[
        TimerSpec(RESOURCE_ORDER_TIMER, resource_orders_due),
        TimerSpec(SERVICE_ORDER_TIMER, service_orders_due),
    ],
    calls=[CallSpec(KIND, perform_with_settings, element_answered)],
    settings=ProvisioningSettings,
)
SERVICE = with_hubs(SERVICE)
