"""Lines of the customers' file as customers and orders. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dualbus_cli.demo.order_plan import (
    CHANNELS,
    PlannedOrder,
    add_item,
    altered,
    customer_body,
    order_body,
)
from dualbus_cli.demo.telco_file import TelcoCustomer


def file_orders(
    run: str, customers: Sequence[TelcoCustomer], prices: Mapping[str, Decimal]
) -> list[PlannedOrder]:
    """One order per customer, through the channels in turn. `prices`: monthly, by offering."""
    return [
        _planned(run, customer, CHANNELS[number % len(CHANNELS)], prices)
        for number, customer in enumerate(customers)
    ]


def _planned(
    run: str, line: TelcoCustomer, channel: str, prices: Mapping[str, Decimal]
) -> PlannedOrder:
    customer_id, name = f"{run}-{line.id}", f"Customer {line.id}"
    contract = (line.contract, line.contract_months)
    items = [add_item(offering, contract=contract) for offering in line.offerings]
    alteration = line.alteration(prices)
    if alteration:
        # On one item, so that the bill is exact to the cent; each price bears it (4.80 at most).
        items[0] = altered(items[0], line.offerings[0], alteration)
    return PlannedOrder(
        customer_id=customer_id,
        channel=channel,
        party_path="/tmf-api/party/v4/individual",
        party={
            "id": customer_id,
            "givenName": "Customer",
            "familyName": line.id,
            "gender": line.gender.casefold(),
        },
        customer=customer_body(
            customer_id, name, "Individual", tuple(line.characteristics.items())
        ),
        order=order_body(customer_id, name, channel, items),
        fate="completed",
        group="file",
        monthly=line.monthly_charges,
    )
