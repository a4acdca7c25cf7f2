"""What customer-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.service import ServiceSpec
from dualbus_tmf.hub.endpoints import with_hubs

from customer_svc.agreement import AGREEMENT_RESOURCE, AGREEMENT_SPECIFICATION_RESOURCE
from customer_svc.customer.endpoints import router as customer_router
from customer_svc.customer.handlers import handlers
from customer_svc.party import INDIVIDUAL_RESOURCE, ORGANIZATION_RESOURCE
from customer_svc.tables import metadata

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
    ],
    consumers=[ConsumerSpec("customer-svc.customer", 1, handlers)],
)
SERVICE = with_hubs(SERVICE)
