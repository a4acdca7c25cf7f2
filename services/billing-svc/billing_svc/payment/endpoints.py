"""TMF676 payment over HTTP: a POST is answered at once, authorising comes after its commit."""

from dualbus_events.contract.payment import Payment as PaymentDocument
from dualbus_events.tmforum.definition import resource_definition
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.profiles import required_of
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from billing_svc.payment.aggregate import Payment
from billing_svc.payment.posting import parties_of, posted, same_sent_before
from billing_svc.payment.repository import Payments
from billing_svc.payment.settling import PAYMENT_TIMER

_definition = resource_definition("TMF676", "Payment")
PATH = _definition.path
_REQUIRED = required_of(_definition)

router = APIRouter(tags=[api_of(PATH)])
router.include_router(read_router(Payments, path=PATH, indexed={"account.id": "account_id"}))


@router.post(PATH, **openapi.create_operation("payment", PaymentDocument, required=_REQUIRED))
async def create_payment(request: Request) -> Response:
    """Taken as `acknowledged`. One that was sent before, by its `correlatorId`, is given again."""
    document = await posted(request, PaymentDocument, path=PATH, required=_REQUIRED)

    async def accept(uow: UnitOfWork) -> Response:
        before = await same_sent_before(uow, Payments, document)
        if before:
            return created(before)
        taken = document.model_copy(deep=True)
        taken.related_party = await parties_of(uow, taken.account.id)
        payment = Payment.accept(taken)
        uow.add(payment)
        uow.set_timers(PAYMENT_TIMER, {payment.id: 0.0})
        return created(payment)

    return await answer_once(request, service_of(request).database, scope=PATH, work=accept)
