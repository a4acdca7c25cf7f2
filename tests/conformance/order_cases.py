"""order-svc's resources."""

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
        fixed=frozenset(("orderDate", "completionDate", "cancellationDate", "cancellationReason")),
    ),
    Case(
        "TMF622",
        "CancelProductOrder",
        prepare=_an_order_to_cancel,
        prepare_each=True,
        fixed=frozenset(("effectiveCancellationDate",)),
    ),
    Case("TMF637", "Product", {"status": "created"}),
    Case(
        "TMF648",
        "Quote",
        {"quoteItem": [_ITEM]},
        fixed=frozenset(("effectiveQuoteCompletionDate", "quoteTotalPrice")),
    ),
    Case("TMF663", "ShoppingCart", fixed=frozenset(("cartTotalPrice",))),
    Case(
        "TMF679",
        "ProductOfferingQualification",
        fixed=frozenset(
            (
                "effectiveQualificationDate",
                "qualificationResult",
                "productOfferingQualificationItem",
            )
        ),
    ),
]
