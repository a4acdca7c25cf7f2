"""TMF678 over HTTP, and the bill run."""

from collections.abc import AsyncIterator
from typing import Any, cast

import orjson
from dualbus_events.contract.billing import CustomerBill as CustomerBillDocument
from dualbus_tmf import openapi
from dualbus_tmf.bodies import InvalidBody
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.hrefs import api_of
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import (
    PATCH_TYPES,
    changed,
    check_if_match,
    merge_patch,
    parse_object,
)
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from billing_svc.customer_bill import repository
from billing_svc.customer_bill.bill_run import BillRun, begin_bill_run, money_list, run_bills
from billing_svc.customer_bill.issuing import BILL_PATH, RATE_PATH
from billing_svc.customer_bill.period import BillingPeriod
from billing_svc.customer_bill.repository import AppliedCustomerBillingRates, CustomerBills
from billing_svc.payment.settling import settle_later
from billing_svc.settings import BillingSettings

_RUN_PATH = "/ops/bill-run"
_OWNED = {"relatedParty.id": "customer_id", "billingAccount.id": "account_id"}
_PATCHABLE = frozenset(("state", "@type", "@baseType", "@schemaLocation"))

router = APIRouter(tags=[api_of(BILL_PATH)])
router.include_router(read_router(CustomerBills, path=BILL_PATH, indexed=_OWNED))
router.include_router(
    read_router(
        AppliedCustomerBillingRates,
        path=RATE_PATH,
        indexed={
            "bill.id": "bill_id",
            "billingAccount.id": "account_id",
            "product.id": "product_id",
        },
    )
)


@router.patch(BILL_PATH + "/{id}", **openapi.patch_operation("customerBill", CustomerBillDocument))
async def patch_customer_bill(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """TMF678 v4: only the state can be changed."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    bill = await load_one(uow, CustomerBills, resource_id)
    check_if_match(request, bill)
    target = merge_patch(bill.document, patch, unpatchable=patch.keys() - _PATCHABLE)
    was_on_hold = bill.on_hold
    bill.move_to(target.state)
    if was_on_hold and not bill.on_hold:
        await settle_later(uow, [bill.document.billing_account.id])
    return changed(bill)


@router.post(_RUN_PATH, tags=["operations"], response_class=Response)
async def create_bill_run(request: Request) -> Response:
    """Bill a period: `{"period": "2026-12"}`. Answers a line of JSON per chunk, the last `done`.

    An answer without a line that says `done` was cut short: send it again to bill the rest.
    """
    body = await parse_object(request)
    period = _period(request, body.get("period"))
    database = service_of(request).database
    run = await begin_bill_run(database, period, payment_days=_settings(request).payment_days)

    async def lines() -> AsyncIterator[bytes]:
        yield _line(run)
        async for progress in run_bills(database, run):
            yield _line(progress)

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.get(_RUN_PATH + "/{period}", tags=["operations"])
async def retrieve_bill_run(request: Request, period: str) -> dict[str, Any]:
    """What a period's bills come to, and how many accounts have none though something is due."""
    wanted = _period(request, period)
    async with service_of(request).database.pool.acquire() as connection:
        billed = await repository.totals_of(connection, wanted)
        left = await repository.count_accounts_to_bill(connection, wanted)
    return {
        "period": wanted.name,
        "bills": sum(bills for bills, _ in billed.values()),
        "totals": money_list({unit: total for unit, (_, total) in billed.items()}),
        "accountsWithoutBill": left,
    }


def _period(request: Request, text: object) -> BillingPeriod:
    if not isinstance(text, str):
        raise InvalidBody("period: required, such as 2026-12")
    return BillingPeriod.parse(text, _settings(request).zone)


def _settings(request: Request) -> BillingSettings:
    return cast(BillingSettings, service_of(request).settings)


def _line(run: BillRun) -> bytes:
    return orjson.dumps(run.to_dict()) + b"\n"
