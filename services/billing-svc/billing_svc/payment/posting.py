"""What a POST of a payment and of a refund have in common."""

from collections.abc import Sequence
from typing import TypeVar

from dualbus_events.contract.payment import MoneyMovement
from dualbus_events.document import RelatedParty
from dualbus_events.repository import Repository
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import parse_object, validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import href_of
from fastapi import Request

from billing_svc.billing_account.aggregate import customer_parties
from billing_svc.customer_bill.repository import accounts
from billing_svc.payment.errors import CorrelatorReused
from billing_svc.payment.movement import Movement
from billing_svc.payment.repository import sent_before

D = TypeVar("D", bound=MoneyMovement)
A = TypeVar("A", bound=Movement)  # type: ignore[type-arg]


async def posted(
    request: Request, document_type: type[D], *, path: str, required: Sequence[str]
) -> D:
    """What the client sent, with the id and the href that it gets."""
    body = await parse_object(request)
    check_required(body, required)
    id_ = new_id()
    identity = {"id": id_, "href": href_of(service_of(request).settings, path, id_)}
    return validated(document_type, {"@type": document_type.__name__, **body, **identity})


async def same_sent_before(
    uow: UnitOfWork, repository: type[Repository[A]], document: MoneyMovement
) -> A | None:
    """What its client sent before under the same `correlatorId`, for the same account.

    Raises CorrelatorReused where that was of another amount.
    """
    number = document.correlator_id
    if number is None:
        return None
    before = await sent_before(uow.connection, repository, document.account.id, number)
    if before and before.amount != document.total_amount:
        raise CorrelatorReused(
            f"correlatorId {number!r} belongs to {before.id} on account {document.account.id},"
            " which is of another amount"
        )
    return before


async def parties_of(uow: UnitOfWork, account_id: str) -> list[RelatedParty] | None:
    """Whose account it is, where it is known; what the client says of it counts for nothing."""
    account = (await accounts(uow.connection, [account_id])).get(account_id)
    return customer_parties(account) if account else None
