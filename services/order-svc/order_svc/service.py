"""What order-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.pace import PROMPT
from dualbus_events.service import ServiceSpec, TimerSpec
from dualbus_tmf.hub.endpoints import with_hubs

from order_svc.cancel_product_order.endpoints import router as cancel_product_order_router
from order_svc.catalogue.declarations import ROUTERS
from order_svc.process.handlers import handlers, timers_fired
from order_svc.process.operations import router as process_router
from order_svc.process.progress import TIMER
from order_svc.product.endpoints import router as product_router
from order_svc.product_offering_qualification.endpoints import router as qualification_router
from order_svc.product_order.endpoints import router as product_order_router
from order_svc.quote.endpoints import router as quote_router
from order_svc.shopping_cart.endpoints import router as shopping_cart_router
from order_svc.tables import METADATA

SERVICE = ServiceSpec(
    name="order",
    title="Dualbus order-svc: product catalogue, qualifications, carts, quotes, orders, inventory",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[
        product_order_router,
        cancel_product_order_router,
        product_router,
        qualification_router,
        shopping_cart_router,
        quote_router,
        *ROUTERS,
        process_router,
    ],
    # An order passes these two loops five times, every other one once or twice.
    consumers=[ConsumerSpec("order-svc.process", 1, handlers, rest=PROMPT)],
    relay_rest=PROMPT,
    timers=[TimerSpec(TIMER, timers_fired)],
)
SERVICE = with_hubs(SERVICE)
