"""Thirty orders of the demo's own making: groups, leased lines, faults, cancellations. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from dualbus_cli.demo.order_plan import (
    CHANNELS,
    Fate,
    PlannedOrder,
    add_item,
    customer_body,
    order_body,
)

FAILING: Final = "fails"
"""Part of the id of customers whose network element refuses to work."""
SLOW: Final = "slow"
"""Part of the id of customers whose network element is slow, so that there is time to cancel."""

_MONTHLY: Final = ("Month-to-month", 1)
_TWO_YEARS: Final = ("Two year", 24)
_ONE_YEAR: Final = ("One year", 12)
_GROUPS: Final = 10
_LEASED_LINES: Final = 10
_EACH_FATE: Final = 5


def other_orders(run: str, prices: Mapping[str, Decimal]) -> list[PlannedOrder]:
    """Ten groups, ten leased lines, five that must fail, five to be cancelled in flight."""
    orders = []
    for number, (kind, fate, items) in enumerate(_kinds()):
        customer_id = f"{run}-{kind}-{number + 1:02d}"
        name = f"Company {number + 1} ({kind})"
        channel = CHANNELS[number % len(CHANNELS)]
        orders.append(
            PlannedOrder(
                customer_id=customer_id,
                channel=channel,
                party_path="/tmf-api/party/v4/organization",
                party={
                    "id": customer_id,
                    "tradingName": name,
                    "name": name,
                    "isLegalEntity": True,
                },
                customer=customer_body(customer_id, name, "Organization"),
                order=order_body(customer_id, name, channel, items),
                fate=fate,
                group="other",
                monthly=sum((prices[i["productOffering"]["id"]] for i in items), Decimal(0)),
            )
        )
    return orders


def _kinds() -> Iterator[tuple[str, Fate, list[dict[str, Any]]]]:
    for number in range(_GROUPS):
        yield "group", "completed", _group(sites=2 + number % 3, mobiles=2 + number)
    for number in range(_LEASED_LINES):
        yield "leased", "completed", [_leased_line("Head office", f"Branch {number + 1}")]
    for _ in range(_EACH_FATE):
        yield FAILING, "fallout", [add_item("fibre", contract=_MONTHLY, sites=["Head office"])]
    for _ in range(_EACH_FATE):
        item = add_item("fibre", contract=_MONTHLY, sites=["Head office"])
        phone = add_item("phone", contract=_MONTHLY, sites=["Head office"])
        yield SLOW, "cancelled", [phone, item]


def _group(*, sites: int, mobiles: int) -> list[dict[str, Any]]:
    """Phone, fibre and security at every site, mobiles with a ring-back tone for the people."""
    at_sites = [
        add_item(offering, contract=_TWO_YEARS, sites=[f"Site {site + 1}"])
        for site in range(sites)
        for offering in ("phone", "fibre", "online-security")
    ]
    tones = ("moonlight", "spring")
    for_people = [
        add_item(
            "mobile-ringback",
            contract=_TWO_YEARS,
            characteristics=[("tone", tones[n % len(tones)])],
        )
        for n in range(mobiles)
    ]
    return [*at_sites, *for_people]


def _leased_line(one: str, other: str) -> dict[str, Any]:
    return add_item(
        "leased-line-gold",
        contract=_ONE_YEAR,
        characteristics=[("bandwidth", "100 Mbit/s")],
        sites=[one, other],
    )
