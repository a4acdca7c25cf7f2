"""The bill run: a bill per account and period, in chunks that each commit on their own."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dualbus_events.unit_of_work import Database, UnitOfWork
from dualbus_kit.clock import utc_now

from billing_svc.customer_bill import repository
from billing_svc.customer_bill.issuing import Issue, line_of
from billing_svc.customer_bill.period import BillingPeriod
from billing_svc.customer_bill.use_cases import Issued, issue_bills

CHUNK = 250
_running: set[asyncio.Task[bool]] = set()


@dataclass
class BillRun:
    """How far a run is. `accounts` is how many had no bill for the period when it began."""

    period: BillingPeriod
    payment_days: int
    accounts: int
    already_billed: int
    billed: int = 0
    bills: int = 0
    rates: int = 0
    totals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    done: bool = False
    last: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "period": self.period.name,
            "state": "done" if self.done else "inProgress",
            "done": self.done,
            "accounts": self.accounts,
            "alreadyBilled": self.already_billed,
            "billed": self.billed,
            "bills": self.bills,
            "rates": self.rates,
            "totals": money_list(self.totals),
        }


def money_list(totals: dict[str, Decimal]) -> list[dict[str, Any]]:
    """Sums by currency as TM Forum's Money, largest currency code last."""
    return [{"unit": unit, "value": float(totals[unit])} for unit in sorted(totals)]


async def begin_bill_run(
    database: Database, period: BillingPeriod, *, payment_days: int
) -> BillRun:
    """A run that bills what has no bill for the period; accounts that have one keep it as it is."""
    async with database.pool.acquire() as connection:
        accounts = await repository.count_accounts_to_bill(connection, period)
        billed = await repository.totals_of(connection, period)
    already = sum(bills for bills, _ in billed.values())
    return BillRun(period, payment_days, accounts=accounts, already_billed=already)


async def run_bills(database: Database, run: BillRun) -> AsyncIterator[BillRun]:
    """Bill chunk by chunk; the run after each. Whoever stops listening stops it after a chunk.

    What was committed stays billed: another run for the period does the rest, and only the rest.
    """
    while not run.done:
        chunk = asyncio.create_task(_bill_chunk(database, run))
        _running.add(chunk)
        chunk.add_done_callback(_running.discard)
        # Cancelling a statement under way would leave its connection in doubt (bus.md 2.3).
        run.done = await asyncio.shield(chunk)
        yield run


async def _bill_chunk(database: Database, run: BillRun) -> bool:
    """Bill the next accounts in one commit, bills with their lines. True when none were left."""
    async with database.unit_of_work() as uow:
        await repository.take_turn(uow.connection)
        account_ids = await repository.accounts_to_bill(
            uow.connection, run.period, after=run.last, limit=CHUNK
        )
        issued = await _bill_accounts(uow, run, account_ids) if account_ids else []
    for bill, rates in issued:
        run.bills += 1
        run.rates += len(rates)
        run.totals[bill.unit] += bill.document.amount_due.value
    run.billed += len(account_ids)
    run.last = account_ids[-1] if account_ids else run.last
    return len(account_ids) < CHUNK


async def _bill_accounts(uow: UnitOfWork, run: BillRun, account_ids: Sequence[str]) -> list[Issued]:
    charges = await repository.charges_due(uow.connection, run.period, account_ids)
    lines = [line for charge, billed in charges if (line := line_of(charge, run.period, billed))]
    issue = Issue(uow, run.period, utc_now(), run.payment_days)
    return await issue_bills(uow, issue, lines)
