"""The only SQL on buckets, and the view of their sums."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import orjson
from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.balance import Bucket as BucketDocument
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from billing_svc import tables
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.document import AccumulatedBalance as AccumulatedBalanceDocument
from billing_svc.bucket.errors import AccumulatedBalanceNotFound, BucketNotFound

_TURNS = 7_264_103
_TAKE_TURNS = """
SELECT pg_advisory_xact_lock($1, key)
FROM (SELECT DISTINCT hashtext(id) AS key FROM unnest($2::text[]) id ORDER BY key) bucket
"""
_PARTIES = """
SELECT id, body -> 'relatedParty' AS parties FROM billing_account WHERE id = ANY($1::text[])
UNION ALL
SELECT id, body -> 'relatedParty' FROM party_account WHERE id = ANY($1::text[])
"""
_ACCUMULATE = """
INSERT INTO accumulated (id, account_id)
SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING
"""


def accumulated_id(document: BucketDocument) -> str:
    """The sum that a bucket counts in: of its account, for its usage, in its units."""
    key = (document.party_account.id, document.usage_type, document.remaining_value.units)
    return hashlib.sha256(orjson.dumps(key)).hexdigest()[:32]


class Buckets(Repository[Bucket]):
    aggregate = Bucket
    table = tables.bucket
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "account_id": lambda document: document.party_account.id,
        "accumulated_id": accumulated_id,
        "remaining": lambda document: document.remaining_value.amount,
    }
    not_found = BucketNotFound


class AccumulatedBalance(Aggregate[AccumulatedBalanceDocument]):
    """The sum of an account's buckets of one kind. Read only: the database adds them up."""

    document_type = AccumulatedBalanceDocument


class AccumulatedBalances(Repository[AccumulatedBalance]):
    aggregate = AccumulatedBalance
    table = tables.accumulated_balance
    not_found = AccumulatedBalanceNotFound


async def take_turns(connection: Connection, bucket_ids: Collection[str]) -> None:
    """Until the end of the transaction nobody else opens one of these buckets."""
    if bucket_ids:
        await connection.execute(_TAKE_TURNS, _TURNS, sorted(bucket_ids))


async def parties_of_accounts(
    connection: Connection, account_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """The related parties of those accounts that are ours, by account id."""
    rows = await connection.fetch(_PARTIES, list(account_ids))
    return {row["id"]: orjson.loads(row["parties"]) for row in rows if row["parties"]}


async def accumulate(connection: Connection, buckets: Sequence[Bucket]) -> None:
    """Have the sums that these new buckets count in."""
    if buckets:
        accounts = {accumulated_id(b.document): b.document.party_account.id for b in buckets}
        # One order for everyone, so that two units of work never lock crosswise.
        ids = sorted(accounts)
        await connection.execute(_ACCUMULATE, ids, [accounts[id_] for id_ in ids])
