"""Buckets and their sums over HTTP, to read: what is on them changes by actions."""

from typing import Final

from dualbus_tmf.reading import read_router
from fastapi import APIRouter

from billing_svc.bucket.opening import BUCKET_PATH
from billing_svc.bucket.repository import AccumulatedBalances, Buckets

ACCUMULATED_PATH: Final = "/tmf-api/prepayBalanceManagement/v4/accumulatedBalance"
_OWNED: Final = {"partyAccount.id": "account_id"}

router = APIRouter()
router.include_router(read_router(Buckets, path=BUCKET_PATH, indexed=_OWNED))
router.include_router(read_router(AccumulatedBalances, path=ACCUMULATED_PATH, indexed=_OWNED))
