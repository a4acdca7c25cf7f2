"""Carrying out actions, a list at a time; what becomes of a reservation later."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now

from billing_svc.balance_action.aggregate import BalanceAction
from billing_svc.balance_action.repository import ReserveBalances
from billing_svc.balance_action.reserve_balance import ReserveBalance
from billing_svc.balance_action.topup_balance import TopupBalance
from billing_svc.bucket import repository
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.opening import BucketRequest, opened
from billing_svc.bucket.repository import Buckets

RESERVATION = "reserveBalance"
"""The kind of the timers that end reservations; their keys are the reservations' ids."""
BUCKET_END = "bucket"
"""The kind of the timers that expire buckets; their keys are the buckets' ids."""


async def carry_out(uow: UnitOfWork, actions: Sequence[BalanceAction[Any]]) -> None:
    """Carry out new actions in their order, each stored as completed, held or failed.

    A top-up opens the bucket that it names where there is none.
    """
    topups = [action for action in actions if isinstance(action, TopupBalance)]
    # Two top-ups of one new bucket at once would else both open it.
    await repository.take_turns(uow.connection, {id_ for t in topups for id_ in t.bucket_ids})
    buckets = await buckets_of(uow, actions)
    new = await _opened(uow, topups, buckets)
    buckets |= new
    for action in actions:
        action.carry_out(buckets)
    uow.add(*actions)
    await _keep(uow, new)
    _set_timers(uow, [a for a in actions if isinstance(a, ReserveBalance)])


async def buckets_of(uow: UnitOfWork, actions: Sequence[BalanceAction[Any]]) -> dict[str, Bucket]:
    """The buckets that actions name, by id, locked in the order of their ids."""
    return await uow.find(Buckets, [id_ for action in actions for id_ in action.bucket_ids])


async def reservations_ended(reservation_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Their time is over: release what those hold that nobody settled before."""
    found = await uow.find(ReserveBalances, reservation_ids)
    holding = [reservation for reservation in found.values() if reservation.held]
    buckets = await buckets_of(uow, holding)
    for reservation in holding:
        reservation.settle("cancelled", buckets)


async def buckets_ended(bucket_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Their time is over: what nobody holds of them can no longer be spent."""
    for bucket in (await uow.find(Buckets, bucket_ids)).values():
        bucket.expire()


async def _opened(
    uow: UnitOfWork, topups: Sequence[TopupBalance], present: Mapping[str, Bucket]
) -> dict[str, Bucket]:
    """New buckets for the top-ups that name none that is present, empty still."""
    requests = {
        topup.document.bucket.id: BucketRequest.of(topup.document)
        for topup in reversed(topups)
        if topup.document.bucket.id not in present
    }
    if not requests:
        return {}
    parties = await repository.parties_of_accounts(
        uow.connection, [request.party_account.id for request in requests.values()]
    )
    return {id_: opened(request, parties, uow) for id_, request in requests.items()}


async def _keep(uow: UnitOfWork, new: Mapping[str, Bucket]) -> None:
    """Store the new buckets that something was put on: a refused top-up opens none."""
    kept = [bucket for bucket in new.values() if bucket.version]
    uow.add(*kept)
    await repository.accumulate(uow.connection, kept)
    uow.set_timers(BUCKET_END, _seconds_until({bucket.id: bucket.ends for bucket in kept}))


def _set_timers(uow: UnitOfWork, reservations: Sequence[ReserveBalance]) -> None:
    uow.set_timers(RESERVATION, _seconds_until({r.id: r.ends for r in reservations if r.held}))


def _seconds_until(ends: Mapping[str, datetime | None]) -> dict[str, float]:
    """Of what ends at all, by id; 0 where the end has passed."""
    now = utc_now()
    return {id_: max((end - now).total_seconds(), 0.0) for id_, end in ends.items() if end}
