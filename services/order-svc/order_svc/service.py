"""What order-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.service import ServiceSpec, TimerSpec
from dualbus_tmf.hub.endpoints import with_hubs

from order_svc.cancel_product_order.endpoints import router as cancel_product_order_router
from order_svc.catalogue.declarations import ROUTERS
from order_svc.process.handlers import handlers, timers_fired
from order_svc.process.operations import router as process_router
from order_svc.process.progress import TIMER
from order_svc.product.endpoints import router as product_router
from order_svc.product_order.endpoints import router as product_order_router
from order_svc.tables import METADATA

SERVICE = ServiceSpec(
    name="order",
    title="Dualbus order-svc: product catalogue, product orders, product inventory",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[
        product_order_router,
        cancel_product_order_router,
        product_router,
        *ROUTERS,
        process_router,
    ],
    consumers=[ConsumerSpec("order-svc.process", 1, handlers)],
    timers=[TimerSpec(TIMER, timers_fired)],
)
SERVICE = with_hubs(SERVICE)
