"""Carrying out actions, a list at a time; what becomes of a reservation later."""

from collections.abc import Mapping, Sequence
from typing import Any

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf.declaration import checked_id

from billing_svc.balance_action.aggregate import BalanceAction
from billing_svc.balance_action.repository import ReserveBalances
from billing_svc.balance_action.reserve_balance import ReserveBalance
from billing_svc.balance_action.topup_balance import TopupBalance
from billing_svc.bucket import repository
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.opening import MONETARY, BucketRequest
from billing_svc.bucket.repository import Buckets
from billing_svc.bucket.use_cases import keep, new_buckets, seconds_until

RESERVATION = "reserveBalance"
"""The kind of the timers that end reservations; their keys are the reservations' ids."""


async def with_its_bucket(uow: UnitOfWork, topup: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a top-up with its bucket's usage type and account, where it says none itself.

    A bucket that it is going to open is `monetary`, and its own account. Raises InvalidBody.
    """
    named = topup["bucket"]
    bucket_id = checked_id(named.get("id") if isinstance(named, dict) else None, "bucket.id")
    await repository.take_turns(uow.connection, [bucket_id])
    bucket = (await uow.find(Buckets, [bucket_id])).get(bucket_id)
    of_bucket: dict[str, Any] = {"usageType": MONETARY, "partyAccount": {"id": bucket_id}}
    if bucket is not None:
        known = bucket.document
        of_bucket = {"usageType": known.usage_type, "partyAccount": known.party_account.to_dict()}
    return of_bucket | {name: value for name, value in topup.items() if value is not None}


async def carry_out(uow: UnitOfWork, actions: Sequence[BalanceAction[Any]]) -> None:
    """Carry out new actions in their order, each stored as completed, held or failed.

    A top-up opens the bucket that it names where there is none; a refused one opens none.
    """
    topups = [action for action in actions if isinstance(action, TopupBalance)]
    # Two top-ups of one new bucket at once would else both open it.
    await repository.take_turns(uow.connection, {id_ for t in topups for id_ in t.bucket_ids})
    buckets = await buckets_of(uow, actions)
    without_units = [bucket for bucket in buckets.values() if bucket.without_units]
    new = await new_buckets(uow, _requested(topups, buckets))
    buckets |= new
    for action in actions:
        action.carry_out(buckets)
    uow.add(*actions)
    await keep(uow, [bucket for bucket in new.values() if bucket.version])
    await repository.accumulate(uow.connection, [b for b in without_units if b.remaining])
    reservations = [action for action in actions if isinstance(action, ReserveBalance)]
    uow.set_timers(RESERVATION, seconds_until({r.id: r.ends for r in reservations if r.held}))


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


def _requested(
    topups: Sequence[TopupBalance], present: Mapping[str, Bucket]
) -> Sequence[BucketRequest]:
    """The buckets to be made for the top-ups that name none that is present, each once."""
    requests = {
        topup.document.bucket.id: BucketRequest.of(topup.document)
        for topup in reversed(topups)
        if topup.document.bucket.id not in present
    }
    return list(requests.values())
