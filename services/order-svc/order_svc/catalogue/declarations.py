"""The catalogue's resources, one declaration each: TMF620, and the fulfilment plans beside it."""

from dualbus_events.contract import catalog
from dualbus_kit.clock import timestamp_now
from dualbus_tmf.resource import CATALOG_DEFAULTS, declare

from order_svc import tables
from order_svc.catalogue.plan_rules import check_plan

_TMF620 = "/tmf-api/productCatalogManagement/v4"

CATEGORY = declare(
    catalog.CATEGORY,
    path=f"{_TMF620}/category",
    table=tables.category,
    create=catalog.CategoryCreateEvent,
    change=catalog.CategoryAttributeValueChangeEvent,
    delete=catalog.CategoryDeleteEvent,
    required=("name",),
    defaults=CATALOG_DEFAULTS,
    touched="lastUpdate",
    client_ids=True,
)
PRODUCT_SPECIFICATION = declare(
    catalog.PRODUCT_SPECIFICATION,
    path=f"{_TMF620}/productSpecification",
    table=tables.product_specification,
    create=catalog.ProductSpecificationCreateEvent,
    change=catalog.ProductSpecificationAttributeValueChangeEvent,
    delete=catalog.ProductSpecificationDeleteEvent,
    required=("name",),
    defaults=CATALOG_DEFAULTS,
    touched="lastUpdate",
    client_ids=True,
)
PRODUCT_OFFERING = declare(
    catalog.PRODUCT_OFFERING,
    path=f"{_TMF620}/productOffering",
    table=tables.product_offering,
    create=catalog.ProductOfferingCreateEvent,
    change=catalog.ProductOfferingAttributeValueChangeEvent,
    delete=catalog.ProductOfferingDeleteEvent,
    required=("name",),
    defaults=CATALOG_DEFAULTS,
    touched="lastUpdate",
    client_ids=True,
)
PRODUCT_OFFERING_PRICE = declare(
    catalog.PRODUCT_OFFERING_PRICE,
    path=f"{_TMF620}/productOfferingPrice",
    table=tables.product_offering_price,
    create=catalog.ProductOfferingPriceCreateEvent,
    change=catalog.ProductOfferingPriceAttributeValueChangeEvent,
    delete=catalog.ProductOfferingPriceDeleteEvent,
    required=("name",),
    defaults=CATALOG_DEFAULTS,
    touched="lastUpdate",
    client_ids=True,
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
    CATEGORY.router,
    PRODUCT_SPECIFICATION.router,
    PRODUCT_OFFERING.router,
    PRODUCT_OFFERING_PRICE.router,
    FULFILMENT_PLAN.router,
)
