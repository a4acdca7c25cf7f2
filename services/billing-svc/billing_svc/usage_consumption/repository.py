"""The SQL of the answers: buckets, what was spent of them, and counters of usage records."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import asyncpg
import orjson
from dualbus_kit.database import Connection
from dualbus_kit.errors import Unavailable

from billing_svc.usage_consumption.criteria import Criteria

_SECONDS: Final = 3.0
MOST_BUCKETS: Final = 200
"""So that an answer stays well below what one message may hold."""

_BUCKETS = "SELECT body FROM bucket WHERE {where} ORDER BY id LIMIT {limit}"
_SPENT = """
SELECT bucket_id, sum((body #>> '{amount,amount}')::numeric) AS spent
FROM reserve_balance
WHERE bucket_id = ANY($1::text[]) AND body ->> 'status' = 'completed'
GROUP BY bucket_id
"""
# Characteristics count where their value is a number; their unit is what the one named so says.
_COUNTED = r"""
WITH record AS MATERIALIZED (
  SELECT body, coalesce(body ->> 'usageType', body #>> '{{usageSpecification,name}}',
      body #>> '{{usageSpecification,id}}') AS usage,
    jsonb_path_query_first(body, '$.ratedProductUsage[*].productRef.id') #>> '{{}}' AS product,
    jsonb_path_query_first(body, '$.usageCharacteristic[*] ? (@.name == "unit").value')
      #>> '{{}}' AS unit
  FROM usage WHERE {where} AND body ->> 'status' <> 'rejected'
)
SELECT product, usage, 'records' AS counter, 'records' AS units, count(*)::numeric AS value
FROM record GROUP BY product, usage
UNION ALL
SELECT product, usage, c ->> 'name', coalesce(unit, c ->> 'name'), sum((c ->> 'value')::numeric)
FROM record CROSS JOIN LATERAL jsonb_path_query(body, '$.usageCharacteristic[*]') c
WHERE c ->> 'value' ~ '^-?\d{{1,15}}(\.\d{{1,9}})?$' AND c ->> 'name' IS NOT NULL
GROUP BY product, usage, c ->> 'name', unit
ORDER BY product NULLS LAST, usage, counter, units
"""


class ConsumptionTooSlow(Unavailable):
    code = "consumptionTooSlow"
    reason = "There is too much to count; ask for a shorter validPeriod"


class Counter(NamedTuple):
    """A sum over usage records: of one product (None: they name none) and one type of usage."""

    product: str | None
    usage: str | None
    counter: str
    units: str
    value: Decimal


async def buckets_for(connection: Connection, criteria: Criteria) -> list[dict[str, Any]]:
    """The bodies of the buckets that fit, by id; the first MOST_BUCKETS."""
    where = _Where()
    where.any_of("account_id = ANY({}::text[])", criteria.party_account)
    where.any_of("id = ANY({}::text[])", criteria.bucket)
    where.any_of("body @> ANY({}::jsonb[])", _holding(criteria.related_party, "relatedParty"))
    where.any_of("body @> ANY({}::jsonb[])", _holding(criteria.product, "product"))
    where.any_of("body @> ANY({}::jsonb[])", _holding(criteria.logical_resource, "logicalResource"))
    statement = _BUCKETS.format(where=where.sql, limit=MOST_BUCKETS)
    rows = await _fetch(connection, statement, *where.values)
    return [orjson.loads(row["body"]) for row in rows]


async def spent_of(connection: Connection, bucket_ids: Sequence[str]) -> dict[str, Decimal]:
    """What completed reservations spent, by bucket; those that spent nothing are absent."""
    rows = await _fetch(connection, _SPENT, list(bucket_ids))
    return {row["bucket_id"]: row["spent"] for row in rows}


async def counters_for(
    connection: Connection, *, parties: Sequence[str], criteria: Criteria
) -> list[Counter]:
    """Counters of the usage records of these parties, and of the products asked for."""
    products = [{"ratedProductUsage": [{"productRef": {"id": id_}}]} for id_ in criteria.product]
    where = _Where()
    where.any_of("body @> ANY({}::jsonb[])", _holding(parties, "relatedParty"))
    where.any_of("body @> ANY({}::jsonb[])", [orjson.dumps(one) for one in products])
    if not where.values:
        return []
    where.bound("body ->> 'usageDate' >= {}::text", criteria.start)
    where.bound("body ->> 'usageDate' < {}::text", criteria.end)
    rows = await _fetch(connection, _COUNTED.format(where=where.sql), *where.values)
    return [Counter(**row) for row in rows]


class _Where:
    """A condition of the code's own text; every value is a parameter.

    Built of what is asked only, so that the planner sees which index serves it.
    """

    def __init__(self) -> None:
        self.values: list[object] = []
        self._parts: list[str] = []

    def any_of(self, sql: str, values: Sequence[object]) -> None:
        if values:
            self.bound(sql, list(values))

    def bound(self, sql: str, value: object) -> None:
        if value is not None:
            self.values.append(value)
            self._parts.append(sql.format(f"${len(self.values)}"))

    @property
    def sql(self) -> str:
        return " AND ".join(self._parts) or "false"


def _holding(ids: Iterable[str], attribute: str) -> list[bytes]:
    return [orjson.dumps({attribute: [{"id": id_}]}) for id_ in ids]


async def _fetch(connection: Connection, sql: str, *values: object) -> list[asyncpg.Record]:
    try:
        rows: list[asyncpg.Record] = await connection.fetch(sql, *values, timeout=_SECONDS)
    except (TimeoutError, asyncpg.QueryCanceledError) as error:
        raise ConsumptionTooSlow(f"not counted within {_SECONDS:.0f} s") from error
    return rows
