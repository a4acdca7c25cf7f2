"""TMF678 customerBillOnDemand over HTTP: the bill is made within the POST."""

from typing import cast

from dualbus_events.contract.billing import CustomerBillOnDemand as CustomerBillOnDemandDocument
from dualbus_events.tmforum.definition import resource_definition
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now
from dualbus_kit.ids import new_id
from dualbus_tmf import openapi
from dualbus_tmf.bodies import InvalidBody, parse_object, validated
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of, href_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from billing_svc.customer_bill_on_demand.aggregate import CustomerBillOnDemand
from billing_svc.customer_bill_on_demand.repository import CustomerBillsOnDemand
from billing_svc.customer_bill_on_demand.use_cases import Now, bill_on_demand
from billing_svc.settings import BillingSettings

PATH = resource_definition("TMF678", "CustomerBillOnDemand").path

router = APIRouter(tags=[api_of(PATH)])
router.include_router(read_router(CustomerBillsOnDemand, path=PATH))


@router.post(
    PATH,
    **openapi.create_operation("customerBillOnDemand", CustomerBillOnDemandDocument, required=()),
)
async def create_customer_bill_on_demand(request: Request) -> Response:
    """For `billingAccount`, else all accounts of `relatedParty`: `done`, or `rejected` and why."""
    service = service_of(request)
    settings = cast(BillingSettings, service.settings)
    request_id = new_id()
    identity = {"id": request_id, "href": href_of(settings, PATH, request_id)}
    body = {"@type": "CustomerBillOnDemand", **await parse_object(request), **identity}
    document = validated(CustomerBillOnDemandDocument, body)
    if document.billing_account is None and document.related_party is None:
        raise InvalidBody("billingAccount or relatedParty: required")

    async def make(uow: UnitOfWork) -> Response:
        demand = CustomerBillOnDemand.accept(document.model_copy(deep=True))
        now = Now(utc_now(), settings.zone, settings.payment_days)
        await bill_on_demand(uow, demand, now)
        uow.add(demand)
        return created(demand)

    return await answer_once(request, service.database, scope=PATH, work=make)
