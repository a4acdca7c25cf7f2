"""What the demo sends: customers, orders and what must come of each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

CHANNELS: Final = ("shop", "callCentre", "onlineHall", "app", "partner")
CURRENCY: Final = "USD"

Fate = Literal["completed", "fallout", "cancelled"]
Group = Literal["file", "other"]


@dataclass(frozen=True)
class PlannedOrder:
    """One customer with one order, how it must end, and what it then costs a month."""

    customer_id: str
    channel: str
    party_path: str
    party: dict[str, Any]
    customer: dict[str, Any]
    order: dict[str, Any]
    fate: Fate
    group: Group
    monthly: Decimal

    @property
    def external_id(self) -> str:
        return str(self.order["externalId"])

    @property
    def items(self) -> int:
        return len(self.order["productOrderItem"])


def customer_body(
    customer_id: str, name: str, party_type: str, characteristics: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """A TMF629 customer whose party has the same id."""
    return {
        "id": customer_id,
        "name": name,
        "engagedParty": {"id": customer_id, "name": name, "@referredType": party_type},
        "characteristic": [{"name": key, "value": value} for key, value in characteristics],
    }


def order_body(
    customer_id: str, name: str, channel: str, items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """A TMF622 product order of one customer, its items numbered from 1."""
    return {
        "externalId": customer_id,
        "channel": [{"id": channel, "name": channel}],
        "relatedParty": [
            {"id": customer_id, "name": name, "role": "customer", "@referredType": "Customer"}
        ],
        "productOrderItem": [{"id": str(n), **item} for n, item in enumerate(items, start=1)],
    }


def add_item(
    offering: str,
    *,
    contract: tuple[str, int],
    characteristics: Sequence[tuple[str, str]] = (),
    sites: Sequence[str] = (),
) -> dict[str, Any]:
    """An item that adds one product under a contract of so many months, at these sites."""
    term, months = contract
    item: dict[str, Any] = {
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": offering},
        "itemTerm": [{"name": term, "duration": {"amount": months, "units": "month"}}],
    }
    product: dict[str, Any] = {}
    if characteristics:
        product["productCharacteristic"] = [{"name": n, "value": v} for n, v in characteristics]
    if sites:
        product["place"] = [{"name": s, "role": "installationSite"} for s in sites]
    return {**item, "product": product} if product else item


def altered(item: dict[str, Any], offering: str, amount: Decimal) -> dict[str, Any]:
    """The item with its monthly price altered by an amount for this customer."""
    alteration = {
        "name": "Customer's own price",
        "priceType": "recurring",
        "price": {"taxIncludedAmount": {"unit": CURRENCY, "value": float(amount)}},
    }
    price = {
        "priceType": "recurring",
        "productOfferingPrice": {"id": f"{offering}-monthly"},
        "priceAlteration": [alteration],
    }
    return {**item, "itemPrice": [price]}
