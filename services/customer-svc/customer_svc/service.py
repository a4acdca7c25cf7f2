"""What customer-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.service import CallSpec, ServiceSpec, TimerSpec
from dualbus_tmf.hub.endpoints import with_hubs
from dualbus_tmf.second_base import second_base_router

from customer_svc.agreement import AGREEMENT_RESOURCE, AGREEMENT_SPECIFICATION_RESOURCE
from customer_svc.communication.endpoints import router as communication_router
from customer_svc.communication.sending import (
    KIND,
    messages_answered,
    perform_with_settings,
    scheduled_time_came,
)
from customer_svc.customer.endpoints import router as customer_router
from customer_svc.customer.handlers import handlers
from customer_svc.interaction import PARTY_INTERACTION_RESOURCE
from customer_svc.party import INDIVIDUAL_RESOURCE, ORGANIZATION_RESOURCE
from customer_svc.party_role import PARTY_ROLE_RESOURCE
from customer_svc.sales_lead import SALES_LEAD_RESOURCE
from customer_svc.settings import CustomerSettings
from customer_svc.tables import metadata
from customer_svc.user_role import PERMISSION_RESOURCE, USER_ROLE_RESOURCE

SERVICE = ServiceSpec(
    name="customer",
    title="Dualbus customer-svc: parties and customers",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[
        INDIVIDUAL_RESOURCE.router,
        ORGANIZATION_RESOURCE.router,
        customer_router,
        AGREEMENT_RESOURCE.router,
        AGREEMENT_SPECIFICATION_RESOURCE.router,
        PARTY_ROLE_RESOURCE.router,
        PARTY_INTERACTION_RESOURCE.router,
        communication_router,
        SALES_LEAD_RESOURCE.router,
        USER_ROLE_RESOURCE.router,
        PERMISSION_RESOURCE.router,
        # TMF672's definition leaves /tmf-api out.
        second_base_router("/userrolepermission/v4", base="/tmf-api/userrolepermission/v4"),
    ],
    consumers=[ConsumerSpec("customer-svc.customer", 1, handlers)],
    calls=[CallSpec(KIND, perform_with_settings, messages_answered)],
    timers=[TimerSpec(KIND, scheduled_time_came)],
    settings=CustomerSettings,
)
SERVICE = with_hubs(SERVICE)
