"""Taking product orders: many in one transaction, each on its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dualbus_events.contract.order import Product as ProductDocument
from dualbus_events.contract.order import ProductOrder as ProductOrderDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.errors import Conflict, DomainError
from dualbus_tmf import idempotency
from dualbus_tmf.writing import created
from fastapi import Response

from order_svc.catalogue.offers import current_catalogue
from order_svc.process.errors import PlansContradict
from order_svc.process.graph import Process
from order_svc.process.planning import planned_process
from order_svc.process.progress import start_processes
from order_svc.product.reading import known_products
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.decision import Decision, decide, offering_id
from order_svc.product_order.intake import PATH


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """One POST productOrder: its order, checked for form, and how its client repeats it."""

    order: ProductOrderDocument
    idempotency_key: str | None
    request_hash: bytes


async def place_product_orders(
    requests: Sequence[tuple[PlaceRequest, Cause]], uow: UnitOfWork
) -> list[Response | DomainError]:
    """Take orders: stored, their processes started, their first tasks sent, in one commit.

    The answers in the order of the requests; what is wrong with one request is its own answer.
    """
    keys = [request.idempotency_key for request, _ in requests if request.idempotency_key]
    given = await idempotency.find(uow.connection, PATH, keys) if keys else {}
    answers: list[Response | DomainError] = []
    fresh, repeated = _repeated(requests, given)
    taken = await _take(fresh, uow)
    first = _remember(fresh, taken, given)
    if first:
        await idempotency.store(uow.connection, PATH, first)
    done = iter(taken)
    for position, (request, _) in enumerate(requests):
        answers.append(_replayed(request, given) if position in repeated else next(done))
    return answers


def _repeated(
    requests: Sequence[tuple[PlaceRequest, Cause]], given: Mapping[str, idempotency.Answer]
) -> tuple[list[tuple[PlaceRequest, Cause]], set[int]]:
    """Those to carry out, and the positions of those whose key was answered, or comes twice."""
    seen = set(given)
    repeated: set[int] = set()
    for position, (request, _) in enumerate(requests):
        if request.idempotency_key is None:
            continue
        if request.idempotency_key in seen:
            repeated.add(position)
        seen.add(request.idempotency_key)
    return [one for at, one in enumerate(requests) if at not in repeated], repeated


def _remember(
    fresh: Sequence[tuple[PlaceRequest, Cause]],
    taken: Sequence[Response],
    given: dict[str, idempotency.Answer],
) -> list[idempotency.Answer]:
    first = [
        idempotency.Answer.of(
            response, key=request.idempotency_key, request_hash=request.request_hash
        )
        for (request, _), response in zip(fresh, taken, strict=True)
        if request.idempotency_key
    ]
    given.update({answer.key: answer for answer in first})
    return first


def _replayed(
    request: PlaceRequest, given: Mapping[str, idempotency.Answer]
) -> Response | DomainError:
    try:
        return given[request.idempotency_key or ""].replay(request.request_hash)
    except Conflict as error:
        return error


async def _take(requests: Sequence[tuple[PlaceRequest, Cause]], uow: UnitOfWork) -> list[Response]:
    documents = [request.order for request, _ in requests]
    products = await known_products(uow.connection, _product_ids(documents))
    catalogue = await current_catalogue(uow.connection)
    await catalogue.load(uow.connection, _offering_ids(documents, products))
    now = catalogue.now
    orders: list[ProductOrder] = []
    started: list[tuple[Process, ProductOrder, Cause]] = []
    for request, cause in requests:
        order = ProductOrder(request.order)
        decision = decide(request.order, offers=catalogue.offers, products=products, now=now)
        with caused_by(cause):
            process = _store(order, decision)
        uow.add(order)
        orders.append(order)
        if process:
            started.append((process, order, cause))
    await start_processes(uow, started, catalogue)
    return [created(order) for order in orders]


def _store(order: ProductOrder, decision: Decision) -> Process | None:
    """Record what was decided; the process of an order that can be delivered."""
    if decision.reasons:
        order.reject(decision.reasons)
        return None
    if decision.waits:
        order.take()
        return None
    try:
        process = planned_process(order.id, decision.planned)
    except PlansContradict as error:
        order.reject_whole(error.code, str(error))
        return None
    order.take()
    process.customer_id = order.customer_id
    return process


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
