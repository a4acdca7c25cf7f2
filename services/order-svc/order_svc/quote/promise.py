"""What an accepted quote promises the order that cites it: its prices. No IO."""

from collections.abc import Mapping
from dataclasses import dataclass

from dualbus_events.contract.order import OrderPrice, ProductOrder, ProductOrderItem
from dualbus_events.contract.preorder import Quote, QuoteItem
from dualbus_events.document import customer_of


class QuoteNotUsable(Exception):
    """An order cites a quote that it can't be ordered by; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Promise:
    """The item of an accepted quote that an order item goes by."""

    quote_id: str
    prices: list[OrderPrice] | None
    """None where the quote left the price to the catalogue."""


def cited_quote_ids(order: ProductOrder) -> set[str]:
    """The quotes an order or its items name; they need not exist."""
    of_items = {i.quote_item.quote_id for i in order.product_order_item if i.quote_item}
    return {one.id for one in order.quote or []} | {one for one in of_items if one}


def promise_of(
    item: ProductOrderItem, order: ProductOrder, quotes: Mapping[str, Quote]
) -> Promise | None:
    """What an item was quoted, among the quotes that are known; None when it cites none of them.

    An item names its quote item, or has the id and the offering of one in a quote that the order
    names. Raises QuoteNotUsable.
    """
    found = _cited(item, order, quotes)
    if found is None:
        return None
    quote, quoted = found
    _check(quote, order)
    if not _is_same(item, quoted):
        raise QuoteNotUsable(
            "quoteItemDiffers",
            f"Item {item.id} is not what item {quoted.id} of quote {quote.id} was: offering, "
            "action and quantity must be the same",
        )
    return Promise(quote.id, quoted.quote_item_price)


def _cited(
    item: ProductOrderItem, order: ProductOrder, quotes: Mapping[str, Quote]
) -> tuple[Quote, QuoteItem] | None:
    reference = item.quote_item
    if reference and reference.quote_id:
        quote = quotes.get(reference.quote_id)
        if quote is None:
            return None
        quoted = next((one for one in quote.quote_item if one.id == reference.id), None)
        if quoted is None:
            raise QuoteNotUsable("quoteItemUnknown", f"Quote {quote.id} has no item {reference.id}")
        return quote, quoted
    named = reference.id if reference else item.id
    for one in order.quote or []:
        quote = quotes.get(one.id)
        for quoted in quote.quote_item if quote else []:
            if quote and quoted.id == named and (reference or _is_same(item, quoted)):
                return quote, quoted
    return None


def _check(quote: Quote, order: ProductOrder) -> None:
    if quote.state != "accepted":
        raise QuoteNotUsable(
            "quoteNotAccepted",
            f"Quote {quote.id} is {quote.state}; only an accepted one is ordered",
        )
    if quote.product_order is not None:
        raise QuoteNotUsable(
            "quoteOrdered", f"Quote {quote.id} was ordered: {quote.product_order.id}"
        )
    if customer_of(quote.related_party) != customer_of(order.related_party):
        raise QuoteNotUsable("quoteOfAnother", f"Quote {quote.id} was made for another customer")


def _is_same(item: ProductOrderItem, quoted: QuoteItem) -> bool:
    offerings = [
        one.product_offering.id if one.product_offering else None for one in (item, quoted)
    ]
    return (
        offerings[0] == offerings[1]
        and item.action == quoted.action
        and (item.quantity or 1) == (quoted.quantity or 1)
    )
