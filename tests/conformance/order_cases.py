"""order-svc's resources."""

from dualbus_tmf.state_machines import (
    PRODUCT,
    PRODUCT_OFFERING_QUALIFICATION,
    PRODUCT_ORDER,
    QUOTE,
)

from tests.conformance.case import Body, Case
from tests.harness import Harness

_ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
_ITEM = {"id": "1", "action": "add"}


async def _an_order_to_cancel(service: Harness) -> Body:
    answer = await service.client.post(_ORDERS, json={"productOrderItem": [_ITEM]})
    return {"productOrder": {"id": answer.json()["id"]}}


CASES = [
    Case("TMF620", "Catalog", {"name": "Residential"}),
    Case("TMF620", "Category", {"name": "Broadband"}),
    Case("TMF620", "ProductSpecification", {"name": "Fibre"}),
    Case("TMF620", "ProductOffering", {"name": "Fibre 500"}),
    Case("TMF620", "ProductOfferingPrice", {"name": "Fibre 500, monthly"}),
    Case(
        "TMF622",
        "ProductOrder",
        {"productOrderItem": [_ITEM]},
        machine=PRODUCT_ORDER,
        fixed=frozenset(("orderDate", "completionDate", "cancellationDate", "cancellationReason")),
    ),
    Case(
        "TMF622",
        "CancelProductOrder",
        prepare=_an_order_to_cancel,
        prepare_each=True,
        fixed=frozenset(("effectiveCancellationDate",)),
    ),
    Case("TMF637", "Product", {"status": "created"}, machine=PRODUCT),
    Case(
        "TMF648",
        "Quote",
        {"quoteItem": [_ITEM]},
        machine=QUOTE,
        fixed=frozenset(("effectiveQuoteCompletionDate", "quoteTotalPrice")),
    ),
    Case("TMF663", "ShoppingCart", fixed=frozenset(("cartTotalPrice",))),
    Case(
        "TMF679",
        "ProductOfferingQualification",
        machine=PRODUCT_OFFERING_QUALIFICATION,
        fixed=frozenset(
            (
                "effectiveQualificationDate",
                "qualificationResult",
                "productOfferingQualificationItem",
            )
        ),
    ),
]
