"""Taking product orders: many in one transaction, each on its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dualbus_events.contract.order import ProductOrder as ProductOrderDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause
from dualbus_kit.errors import Conflict, DomainError
from dualbus_tmf import idempotency
from dualbus_tmf.writing import created
from fastapi import Response

from order_svc.product_order.intake import PATH
from order_svc.product_order.taking import take_product_orders


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """One POST productOrder: its order, checked for form, and how its client repeats it."""

    order: ProductOrderDocument
    idempotency_key: str | None
    request_hash: bytes
    look_up: bool = False
    """Whether to look for an answer that its key was given before. Storing one finds out too."""


async def place_product_orders(
    requests: Sequence[tuple[PlaceRequest, Cause]], uow: UnitOfWork
) -> list[Response | DomainError]:
    """Take orders: stored, their processes started, their first tasks sent, in one commit.

    The answers in the order of the requests; what is wrong with one request is its own answer.
    """
    keys = [one.idempotency_key for one, _ in requests if one.look_up and one.idempotency_key]
    given = await idempotency.find(uow.connection, PATH, keys) if keys else {}
    answers: list[Response | DomainError] = []
    fresh, repeated = _repeated(requests, given)
    taken = await _take(fresh, uow)
    first = _remember(fresh, taken, given)
    if first:
        idempotency.store(uow, PATH, first)
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
    orders = await take_product_orders(uow, [(one.order, cause) for one, cause in requests])
    return [created(order) for order in orders]
