"""The demo's orders, before anything is sent: the whole file, to the cent."""

from collections import Counter
from decimal import Decimal
from functools import cache

from dualbus_cli.commands.catalogue import DEMO_CATALOGUE
from dualbus_cli.demo.file_orders import file_orders
from dualbus_cli.demo.order_plan import CHANNELS, PlannedOrder
from dualbus_cli.demo.other_orders import other_orders
from dualbus_cli.demo.price_list import monthly_prices
from dualbus_cli.demo.telco_file import read_telco_file


@cache
def prices() -> dict[str, Decimal]:
    return monthly_prices(DEMO_CATALOGUE)[1]


@cache
def all_orders() -> list[PlannedOrder]:
    return file_orders("run", read_telco_file(), prices())


def price_of(order: PlannedOrder) -> Decimal:
    """List prices and alterations of an order's items, as billing adds them up."""
    total = Decimal(0)
    for item in order.order["productOrderItem"]:
        total += prices()[item["productOffering"]["id"]]
        for price in item.get("itemPrice", []):
            for alteration in price["priceAlteration"]:
                total += Decimal(str(alteration["price"]["taxIncludedAmount"]["value"]))
    return total


def test_every_line_of_the_file_is_an_order_with_what_the_customer_holds() -> None:
    assert len(all_orders()) == 7043
    assert sum(order.items for order in all_orders()) == 29_202


def test_the_prices_of_all_orders_add_up_to_the_file_s_monthly_charges() -> None:
    assert sum(map(price_of, all_orders()), Decimal(0)) == Decimal("456116.60")


def test_every_single_order_costs_what_the_customer_pays() -> None:
    assert [order for order in all_orders() if price_of(order) != order.monthly] == []


def test_no_alteration_makes_a_price_negative_or_is_larger_than_the_file_s_largest() -> None:
    alterations = [customer.alteration(prices()) for customer in read_telco_file()]

    assert max(abs(one) for one in alterations) == Decimal("4.80")


def test_orders_come_through_all_channels() -> None:
    counts = Counter(order.channel for order in all_orders())

    assert set(counts) == set(CHANNELS)


def test_the_contract_is_on_every_item() -> None:
    terms = {
        item["itemTerm"][0]["name"]
        for order in all_orders()
        for item in order.order["productOrderItem"]
    }

    assert terms == {"Month-to-month", "One year", "Two year"}


def test_thirty_other_orders_have_their_fates() -> None:
    orders = other_orders("run", prices())

    assert Counter(order.fate for order in orders) == {
        "completed": 20,
        "fallout": 5,
        "cancelled": 5,
    }


def test_no_two_orders_share_a_customer() -> None:
    orders = [*all_orders(), *other_orders("run", prices())]

    assert len({order.customer_id for order in orders}) == len(orders)


def test_only_what_the_catalogue_sells_is_ordered() -> None:
    ordered = {
        item["productOffering"]["id"]
        for order in [*all_orders(), *other_orders("run", prices())]
        for item in order.order["productOrderItem"]
    }

    assert ordered == set(prices())
