"""Carts, quotes and qualifications, as tests of order-svc send them."""

from typing import Any

from tests.harness import Harness
from tests.order.order_world import CATALOGUE, post

QUALIFICATIONS = "/tmf-api/productOfferingQualification/v4/productOfferingQualification"
CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
QUOTES = "/tmf-api/quoteManagement/v4/quote"
CUSTOMER = [{"id": "c-1", "role": "customer", "@referredType": "Customer"}]


def a_cart(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A cart of customer c-1: two pieces of `internet`, unless told otherwise."""
    wanted = list(items) or [{"productOffering": {"id": "internet"}, "quantity": 2}]
    return {"relatedParty": CUSTOMER, "cartItem": wanted, **changes}


def a_quote(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A quote of customer c-1 for one `internet`, ten euros a month cheaper."""
    discount = {"name": "Loyal", "price": {"taxIncludedAmount": {"unit": "EUR", "value": -10}}}
    price = {"productOfferingPrice": {"id": "monthly"}, "priceAlteration": [discount]}
    item = {
        "id": "1",
        "action": "add",
        "productOffering": {"id": "internet"},
        "quoteItemPrice": [price],
    }
    return {"relatedParty": CUSTOMER, "quoteItem": list(items) or [item], **changes}


async def moved(service: Harness, href: str, *states: str) -> Any:
    """A resource after patches of its state, each of which must be taken."""
    for state in states:
        answer = await service.client.patch(href, json={"state": state})
        assert answer.status_code == 200, answer.text
    return answer.json()


async def an_offering(service: Harness, id_: str, **changes: Any) -> None:
    """An offering like `internet`, with other relationships, status or prices."""
    body = {
        "id": id_,
        "name": f"The {id_}",
        "lifecycleStatus": "Active",
        "productSpecification": {"id": "internet-spec"},
        "productOfferingPrice": [{"id": "monthly"}],
        **changes,
    }
    await post(service, f"{CATALOGUE}/productOffering", body)


def totals(prices: list[dict[str, Any]]) -> dict[str, float]:
    """`{"recurring": 60.0, "oneTime": 20.0}` of a total."""
    return {one["priceType"]: one["price"]["taxIncludedAmount"]["value"] for one in prices}
