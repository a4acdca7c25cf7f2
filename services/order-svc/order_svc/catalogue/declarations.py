"""The catalogue's resources, one declaration each: TMF620, and the fulfilment plans beside it."""

from dualbus_events.contract import catalog
from dualbus_kit.clock import timestamp_now
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.resource import declare

from order_svc import tables
from order_svc.catalogue.plan_rules import check_plan

CATALOG = declare_defined(catalog.CATALOG, table=tables.catalog, client_ids=True)
CATEGORY = declare_defined(catalog.CATEGORY, table=tables.category, client_ids=True)
PRODUCT_SPECIFICATION = declare_defined(
    catalog.PRODUCT_SPECIFICATION, table=tables.product_specification, client_ids=True
)
PRODUCT_OFFERING = declare_defined(
    catalog.PRODUCT_OFFERING, table=tables.product_offering, client_ids=True
)
PRODUCT_OFFERING_PRICE = declare_defined(
    catalog.PRODUCT_OFFERING_PRICE, table=tables.product_offering_price, client_ids=True
)
FULFILMENT_PLAN = declare(
    catalog.FULFILMENT_PLAN,
    path="/dualbus-api/orderFulfilment/v1/fulfilmentPlan",
    table=tables.fulfilment_plan,
    create=catalog.FulfilmentPlanCreateEvent,
    change=catalog.FulfilmentPlanAttributeValueChangeEvent,
    delete=catalog.FulfilmentPlanDeleteEvent,
    required=("name", "task"),
    defaults={"lastUpdate": timestamp_now},
    touched="lastUpdate",
    client_ids=True,
    check=check_plan,
)
ROUTERS = (
    CATALOG.router,
    CATEGORY.router,
    PRODUCT_SPECIFICATION.router,
    PRODUCT_OFFERING.router,
    PRODUCT_OFFERING_PRICE.router,
    FULFILMENT_PLAN.router,
)
