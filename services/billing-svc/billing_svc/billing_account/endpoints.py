"""TMF666 billingAccount over HTTP."""

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.ids import new_id
from dualbus_tmf import openapi
from dualbus_tmf.bodies import InvalidBody, validated
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.hrefs import api_of, href_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import (
    PATCH_TYPES,
    changed,
    check_if_match,
    created,
    parse_object,
)
from fastapi import APIRouter, Request, Response

from billing_svc.billing_account.aggregate import BillingAccount
from billing_svc.billing_account.document import BillingAccount as BillingAccountDocument
from billing_svc.billing_account.repository import BillingAccounts
from billing_svc.billing_account.use_cases import (
    PATH,
    change_billing_account,
    delete_billing_account,
)

_REQUIRED = ("name", "relatedParty")
router = APIRouter(tags=[api_of(PATH)])
router.include_router(read_router(BillingAccounts, path=PATH))


@router.post(
    PATH,
    **openapi.create_operation("billingAccount", BillingAccountDocument, required=_REQUIRED),
)
async def create_billing_account(request: Request) -> Response:
    service = service_of(request)
    body = await parse_object(request)
    missing = [name for name in _REQUIRED if body.get(name) is None]
    if missing:
        raise InvalidBody(f"{', '.join(missing)}: required")
    account_id = new_id()
    given = {name: value for name, value in body.items() if name != "productOrder"}
    identity = {"id": account_id, "href": href_of(service.settings, PATH, account_id)}
    document = validated(BillingAccountDocument, {"@type": "BillingAccount", **given, **identity})

    async def store(uow: UnitOfWork) -> Response:
        account = BillingAccount.open(document.model_copy(deep=True))
        uow.add(account)
        return created(account)

    return await answer_once(request, service.database, scope=PATH, work=store)


@router.patch(PATH + "/{id}", **openapi.patch_operation("billingAccount", BillingAccountDocument))
async def patch_billing_account(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    patch = await parse_object(request, media_types=PATCH_TYPES)
    account = await load_one(uow, BillingAccounts, resource_id)
    check_if_match(request, account)
    await change_billing_account(uow, account, patch)
    return changed(account)


@router.delete(PATH + "/{id}", **openapi.delete_operation("billingAccount"))
async def delete_billing_account_(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    account = await load_one(uow, BillingAccounts, resource_id)
    check_if_match(request, account)
    await delete_billing_account(uow, account)
    return Response(status_code=204)
