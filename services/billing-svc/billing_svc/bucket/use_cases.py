"""Opening buckets, by a POST or by what is first put on them, and their end."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now

from billing_svc.bucket import repository
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.opening import BucketRequest, opened
from billing_svc.bucket.repository import Buckets

BUCKET_END = "bucket"
"""The kind of the timers that expire buckets; their keys are the buckets' ids."""


async def open_bucket(uow: UnitOfWork, request: BucketRequest) -> Bucket:
    """An empty bucket, as a client asked for it. Raises AlreadyExists for an id that is taken."""
    await repository.take_turns(uow.connection, [request.id])
    bucket = (await new_buckets(uow, [request]))[request.id]
    bucket.open()
    await keep(uow, [bucket])
    return bucket


async def new_buckets(uow: UnitOfWork, requests: Sequence[BucketRequest]) -> dict[str, Bucket]:
    """Empty buckets by id, stored nowhere yet."""
    if not requests:
        return {}
    parties = await repository.parties_of_accounts(
        uow.connection, [request.party_account.id for request in requests]
    )
    return {request.id: opened(request, parties, uow) for request in requests}


async def keep(uow: UnitOfWork, new: Collection[Bucket]) -> None:
    """Store new buckets, with the sums that they count in; what has no units yet is in none."""
    uow.add(*new)
    await repository.accumulate(uow.connection, [b for b in new if not b.without_units])
    uow.set_timers(BUCKET_END, seconds_until({bucket.id: bucket.ends for bucket in new}))


async def buckets_ended(bucket_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Their time is over: what nobody holds of them can no longer be spent."""
    for bucket in (await uow.find(Buckets, bucket_ids)).values():
        bucket.expire()


def seconds_until(ends: Mapping[str, datetime | None]) -> dict[str, float]:
    """Of what ends at all, by id; 0 where the end has passed."""
    now = utc_now()
    return {id_: max((end - now).total_seconds(), 0.0) for id_, end in ends.items() if end}
