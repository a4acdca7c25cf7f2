"""TMF676 payment over HTTP: a POST is answered at once, authorising comes after its commit."""

from dualbus_events.contract.payment import Payment as PaymentDocument
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
from billing_svc.payment.aggregate import Payment
from billing_svc.payment.errors import CorrelatorReused
from billing_svc.payment.repository import Payments, payment_sent_before
from billing_svc.payment.settling import PAYMENT_TIMER

_definition = resource_definition("TMF676", "Payment")
PATH = _definition.path
_REQUIRED = required_of(_definition)

router = APIRouter(tags=[api_of(PATH)])
router.include_router(read_router(Payments, path=PATH, indexed={"account.id": "account_id"}))


@router.post(PATH, **openapi.create_operation("payment", PaymentDocument, required=_REQUIRED))
async def create_payment(request: Request) -> Response:
    """Taken as `acknowledged`. One that was sent before, by its `correlatorId`, is given again."""
    service = service_of(request)
    body = await parse_object(request)
    check_required(body, _REQUIRED)
    payment_id = new_id()
    identity = {"id": payment_id, "href": href_of(service.settings, PATH, payment_id)}
    document = validated(PaymentDocument, {"@type": "Payment", **body, **identity})

    async def accept(uow: UnitOfWork) -> Response:
        sent_before = await _sent_before(uow, document)
        if sent_before:
            return created(sent_before)
        taken = document.model_copy(deep=True)
        account = (await accounts(uow.connection, [taken.account.id])).get(taken.account.id)
        taken.related_party = customer_parties(account) if account else None
        payment = Payment.accept(taken)
        uow.add(payment)
        uow.set_timers(PAYMENT_TIMER, {payment.id: 0.0})
        return created(payment)

    return await answer_once(request, service.database, scope=PATH, work=accept)


async def _sent_before(uow: UnitOfWork, document: PaymentDocument) -> Payment | None:
    """Raises CorrelatorReused where that payment was of another amount."""
    number = document.correlator_id
    if number is None:
        return None
    before = await payment_sent_before(uow.connection, document.account.id, number)
    if before and before.document.total_amount != document.total_amount:
        raise CorrelatorReused(
            f"correlatorId {number!r} belongs to payment {before.id} on account"
            f" {document.account.id}, which is of another amount"
        )
    return before
