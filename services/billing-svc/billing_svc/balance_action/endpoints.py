"""TMF654's actions over HTTP."""

from collections.abc import Mapping
from typing import Any, Final, cast

from dualbus_events.repository import Repository
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import timestamp_now, utc_now
from dualbus_kit.ids import new_id
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object, validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.hrefs import api_of, href_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.profiles import required_of
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import PATCH_TYPES, changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from billing_svc.balance_action.aggregate import BALANCE_ACTION, BalanceAction
from billing_svc.balance_action.repository import (
    AdjustBalances,
    ReserveBalances,
    TopupBalances,
    TransferBalances,
)
from billing_svc.balance_action.reserve_balance import ReserveBalance
from billing_svc.balance_action.topup_balance import TopupBalance
from billing_svc.balance_action.use_cases import buckets_of, carry_out, with_its_bucket
from billing_svc.settings import BillingSettings

_INDEXED: Final = {"bucket.id": "bucket_id"}


def _new(
    action: type[BalanceAction[Any]], body: dict[str, Any], path: str, settings: BillingSettings
) -> BalanceAction[Any]:
    """What a POST asks for, not carried out yet. Raises InvalidBody, IllegalStateMove."""
    status = body.get("status") or "created"
    id_ = new_id()
    document = validated(
        action.document_type,
        {
            "@type": action.document_type.__name__,
            "requestedDate": timestamp_now(),
            **{name: value for name, value in body.items() if value is not None},
            **_products_of(body),
            "id": id_,
            "href": href_of(settings, path, id_),
            "status": status,
        },
    )
    BALANCE_ACTION.check_initial(status)
    document.requested_date = utc_now()
    document.confirmation_date = document.error = None
    new = action(document)
    new.check()
    if isinstance(new, ReserveBalance):
        new.end_within(settings.reservation_seconds)
    return new


def _products_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """TM Forum's kit adjusts for one `product`, of which the definition has a list."""
    product = body.get("product")
    return {"product": [product]} if isinstance(product, dict) else {}


def _lacks_its_bucket(action: type[BalanceAction[Any]], body: Mapping[str, Any]) -> bool:
    return action is TopupBalance and None in (body.get("usageType"), body.get("partyAccount"))


def _router_of(repository: type[Repository[Any]]) -> APIRouter:
    """All five operations of one of the four actions."""
    action = cast(type[BalanceAction[Any]], repository.aggregate)
    document = action.document_type
    definition = action.topic.document.definition
    path, name, required = definition.path, definition.resource, required_of(definition)
    router = APIRouter(tags=[api_of(path)])
    router.include_router(read_router(repository, path=path, indexed=_INDEXED))

    @router.post(path, **openapi.create_operation(name, document, required=required))
    async def create_action(request: Request) -> Response:
        service = service_of(request)
        settings = cast(BillingSettings, service.settings)
        body = await parse_object(request)
        check_required(body, required)

        async def work(uow: UnitOfWork) -> Response:
            whole = await with_its_bucket(uow, body) if _lacks_its_bucket(action, body) else body
            new = _new(action, whole, path, settings)
            await carry_out(uow, [new])
            return created(new)

        return await answer_once(request, service.database, scope=path, work=work)

    @router.patch(path + "/{id}", **openapi.patch_operation(name, document))
    async def patch_action(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
        patch = await parse_object(request, media_types=PATCH_TYPES)
        found = await load_one(uow, repository, resource_id)
        check_if_match(request, found)
        found.patch(patch, await buckets_of(uow, [found]))
        return changed(found)

    @router.delete(path + "/{id}", **openapi.delete_operation(name))
    async def delete_action(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
        found = await load_one(uow, repository, resource_id)
        check_if_match(request, found)
        found.delete(await buckets_of(uow, [found]))
        return Response(status_code=204)

    return router


router = APIRouter()
for _repository in (TopupBalances, AdjustBalances, TransferBalances, ReserveBalances):
    router.include_router(_router_of(_repository))
