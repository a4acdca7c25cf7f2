"""Taking orders that are well-formed: decided on, stored, their processes started."""

from collections.abc import Mapping, Sequence

from dualbus_events.contract.order import Product as ProductDocument
from dualbus_events.contract.order import ProductOrder as ProductOrderDocument
from dualbus_events.document import customer_of
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by

from order_svc.catalogue.eligibility import has_rules
from order_svc.catalogue.offers import Catalogue, current_catalogue
from order_svc.process.errors import PlansContradict
from order_svc.process.graph import Process
from order_svc.process.planning import planned_process
from order_svc.process.progress import start_processes
from order_svc.product.reading import held_offerings, known_products
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.decision import Decision, Grounds, decide, offering_id
from order_svc.quote.aggregate import Quote
from order_svc.quote.promise import cited_quote_ids
from order_svc.quote.repository import Quotes


async def take_product_orders(
    uow: UnitOfWork, requested: Sequence[tuple[ProductOrderDocument, Cause]]
) -> list[ProductOrder]:
    """The orders, in the order of the requests: taken, or rejected with the reason on their items.

    A quote that an order goes by is locked, and ordered with it: two orders never share one.
    """
    documents = [document for document, _ in requested]
    quotes = await uow.find(Quotes, sorted(_cited(documents)))
    products = await known_products(uow.connection, _product_ids(documents))
    catalogue = await current_catalogue(uow.connection)
    await catalogue.load(uow.connection, _offering_ids(documents, products))
    grounds = Grounds(
        offers=catalogue.offers,
        products=products,
        now=catalogue.now,
        quotes={id_: quote.document for id_, quote in quotes.items()},
        held=await held_offerings(uow.connection, _customers_to_know(documents, catalogue)),
    )
    orders: list[ProductOrder] = []
    started: list[tuple[Process, ProductOrder, Cause]] = []
    for document, cause in requested:
        order = ProductOrder(document)
        decision = decide(document, grounds)
        with caused_by(cause):
            process = _store(order, decision, quotes)
        uow.add(order)
        orders.append(order)
        if process:
            started.append((process, order, cause))
    await start_processes(uow, started, catalogue)
    return orders


def _store(order: ProductOrder, decision: Decision, quotes: Mapping[str, Quote]) -> Process | None:
    """Record what was decided; the process of an order that can be delivered."""
    if decision.reasons:
        order.reject(decision.reasons)
        return None
    process = None
    if not decision.waits:
        try:
            process = planned_process(order.id, decision.planned)
        except PlansContradict as error:
            order.reject_whole(error.code, str(error))
            return None
        process.customer_id = order.customer_id
    order.take()
    for quote_id in sorted(decision.quotes):
        quotes[quote_id].order(order.reference)
    return process


def _cited(documents: Sequence[ProductOrderDocument]) -> set[str]:
    return {quote_id for document in documents for quote_id in cited_quote_ids(document)}


def _customers_to_know(documents: Sequence[ProductOrderDocument], catalogue: Catalogue) -> set[str]:
    """Whose products decide: those who add an offering that others are required or excluded by."""
    found = {
        customer_of(document.related_party)
        for document in documents
        for item in document.product_order_item
        if item.action == "add" and item.product_offering
        for offer in [catalogue.offers.get(item.product_offering.id)]
        if offer and has_rules(offer)
    }
    return {customer for customer in found if customer}


def _product_ids(documents: Sequence[ProductOrderDocument]) -> set[str]:
    return {
        item.product.id
        for document in documents
        for item in document.product_order_item
        if item.action != "add" and item.product and item.product.id
    }


def _offering_ids(
    documents: Sequence[ProductOrderDocument], products: Mapping[str, ProductDocument]
) -> set[str]:
    wanted = {
        offering_id(item, products)
        for document in documents
        for item in document.product_order_item
    }
    return {one for one in wanted if one}
