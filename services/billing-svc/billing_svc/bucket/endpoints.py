"""Buckets and their sums over HTTP, to open and to read: what is on them changes by actions."""

from typing import Final

from dualbus_events.contract.balance import Bucket
from dualbus_events.tmforum.definition import resource_definition
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import check_required
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.profiles import required_of
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from billing_svc.bucket.opening import BUCKET_PATH, BucketRequest
from billing_svc.bucket.repository import AccumulatedBalances, Buckets
from billing_svc.bucket.use_cases import open_bucket

ACCUMULATED_PATH: Final = "/tmf-api/prepayBalanceManagement/v4/accumulatedBalance"
_OWNED: Final = {"partyAccount.id": "account_id"}
_REQUIRED: Final = required_of(resource_definition("TMF654", "Bucket"))

router = APIRouter(tags=[api_of(BUCKET_PATH)])
router.include_router(read_router(Buckets, path=BUCKET_PATH, indexed=_OWNED))
router.include_router(read_router(AccumulatedBalances, path=ACCUMULATED_PATH, indexed=_OWNED))


@router.post(BUCKET_PATH, **openapi.create_operation("bucket", Bucket, required=_REQUIRED))
async def create_bucket(request: Request) -> Response:
    """Not in TMF654 v4.0, but in v4.1 and in TM Forum's kit."""
    service = service_of(request)
    body = await parse_object(request)
    check_required(body, _REQUIRED)

    async def work(uow: UnitOfWork) -> Response:
        return created(await open_bucket(uow, BucketRequest.posted(body)))

    return await answer_once(request, service.database, scope=BUCKET_PATH, work=work)
