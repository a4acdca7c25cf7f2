"""Making quotes, changing them, and ordering what was accepted."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.preorder import Quote as QuoteDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import current_cause

from order_svc.pricing.offered import offers_of
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.intake import new_product_order
from order_svc.product_order.repository import ProductOrders
from order_svc.product_order.taking import take_product_orders
from order_svc.quote.aggregate import Quote
from order_svc.quote.intake import patched_quote, price_quote
from order_svc.quote.repository import Quotes

_NOT_ORDERED = ("state", "quoteItemPrice", "quoteItem", "quoteItemAuthorization")


async def make_quote(uow: UnitOfWork, document: QuoteDocument) -> Quote:
    """Price and store a quote; with `instantSyncQuote` and every price known it is approved."""
    complete = await _price(uow, document)
    quote = Quote(document)
    quote.create()
    if document.instant_sync_quote and complete:
        quote.approve()
    uow.add(quote)
    return quote


async def change_quote(uow: UnitOfWork, quote: Quote, patch: Mapping[str, Any]) -> None:
    """Merge a patch into a quote that this unit of work holds; other items are priced anew."""
    document, other_items = patched_quote(quote.document, patch)
    if document == quote.document:
        return
    if other_items and quote.document.state in ("inProgress", "pending"):
        await _price(uow, document)
    quote.replace(document)


async def order_quote(
    uow: UnitOfWork, quote_id: str, extra: Mapping[str, Any]
) -> tuple[ProductOrder, bool]:
    """The order of an accepted quote at its prices, and whether it is new.

    The second and every later time it is the same order. `extra` is laid over the order's body.
    Raises QuoteNotFound and QuoteNotAccepted.
    """
    [quote] = await uow.load(Quotes, [quote_id])
    quote.check_orderable()
    if quote.document.product_order:
        [order] = await uow.load(ProductOrders, [quote.document.product_order.id])
        return order, False
    document = new_product_order({**extra, **_order_body(quote)}, uow)
    [order] = await take_product_orders(uow, [(document, current_cause())])
    return order, True


async def _price(uow: UnitOfWork, document: QuoteDocument) -> bool:
    offerings = [item.product_offering for item in document.quote_item]
    return price_quote(document, await offers_of(uow.connection, offerings))


def _order_body(quote: Quote) -> dict[str, Any]:
    body = quote.document.to_dict()
    items = []
    for item in body["quoteItem"]:
        kept = {name: value for name, value in item.items() if name not in _NOT_ORDERED}
        cited = {"id": item["id"], "quoteId": quote.id, "quoteHref": quote.document.href}
        items.append({**kept, "quoteItem": cited})
    return {
        "relatedParty": body.get("relatedParty", []),
        "quote": [quote.reference.to_dict()],
        "productOrderItem": items,
    }
