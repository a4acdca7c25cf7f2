"""The POST of a payment and of a refund: taken as pending, carried out by its timer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dualbus_events.contract.payment import MoneyMovement
from dualbus_events.document import RelatedParty
from dualbus_events.repository import Repository
from dualbus_events.tmforum.definition import resource_definition
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.ids import new_id
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object, validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of, href_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.profiles import required_of
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from billing_svc.billing_account.aggregate import customer_parties
from billing_svc.customer_bill.repository import accounts
from billing_svc.payment.errors import CorrelatorReused
from billing_svc.payment.movement import Movement
from billing_svc.payment.repository import sent_before

_NOTHING: Final = {"unit": "XXX", "value": 0}
"""XXX is ISO 4217's code where there is no currency."""


@dataclass(frozen=True)
class Kind:
    """One of TMF676's resources: where it is stored, and the timer that carries it out."""

    movement: type[Movement[Any]]
    repository: type[Repository[Any]]
    timer: str


def movement_router(kind: Kind) -> APIRouter:
    """POST, list and GET of one resource."""
    definition = resource_definition("TMF676", kind.movement.document_type.__name__)
    path, required = definition.path, required_of(definition)
    router = APIRouter(tags=[api_of(path)])
    router.include_router(
        read_router(kind.repository, path=path, indexed={"account.id": "account_id"})
    )
    operation = openapi.create_operation(
        definition.resource, kind.movement.document_type, required=required
    )

    @router.post(path, **operation)
    async def create_movement(request: Request) -> Response:
        """Taken as `acknowledged`. One sent before, by its `correlatorId`, is given again."""
        document = await _posted(request, kind, path=path, required=required)

        async def accept(uow: UnitOfWork) -> Response:
            before = await _same_sent_before(uow, kind, document)
            if before:
                return created(before)
            taken = document.model_copy(deep=True)
            taken.related_party = await _parties_of(uow, taken.account.id)
            movement = kind.movement.accept(taken)
            uow.add(movement)
            uow.set_timers(kind.timer, {movement.id: 0.0})
            return created(movement)

        return await answer_once(request, service_of(request).database, scope=path, work=accept)

    return router


async def _posted(
    request: Request, kind: Kind, *, path: str, required: Sequence[str]
) -> MoneyMovement:
    """What the client sent, with the id and the href that it gets."""
    body = await parse_object(request)
    check_required(body, required)
    id_ = new_id()
    identity = {"id": id_, "href": href_of(service_of(request).settings, path, id_)}
    document_type = kind.movement.document_type
    amount = {"totalAmount": _amount_of(body["totalAmount"])}
    return validated(document_type, {"@type": document_type.__name__, **body, **amount, **identity})


def _amount_of(posted: object) -> object:
    """TM Forum's kit posts an amount that says nothing: that is nothing, and fails later."""
    if isinstance(posted, dict) and posted.keys().isdisjoint(_NOTHING):
        return posted | _NOTHING
    return posted


async def _same_sent_before(
    uow: UnitOfWork, kind: Kind, document: MoneyMovement
) -> Movement[Any] | None:
    """What its client sent before under the same `correlatorId`, for the same account.

    Raises CorrelatorReused where that was of another amount.
    """
    number = document.correlator_id
    if number is None:
        return None
    account_id = document.account.id
    before: Movement[Any] | None = await sent_before(
        uow.connection, kind.repository, account_id, number
    )
    if before and before.amount != document.total_amount:
        raise CorrelatorReused(
            f"correlatorId {number!r} belongs to {before.id} on account {account_id},"
            " which is of another amount"
        )
    return before


async def _parties_of(uow: UnitOfWork, account_id: str) -> list[RelatedParty] | None:
    """Whose account it is, where it is known; what the client says of it counts for nothing."""
    account = (await accounts(uow.connection, [account_id])).get(account_id)
    return customer_parties(account) if account else None
