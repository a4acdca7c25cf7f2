"""Where a fill keeps events as they come, until one statement per table makes the twin of them.

Nothing is looked up, compared or indexed while the log is read. What is staged is not written to
PostgreSQL's own log: after a crash of the server it is gone, and the positions with it.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from dualbus_kit.database import Connection

from ods_svc.projection.facts import ProjectedFact, upsert_facts
from ods_svc.rebuild import twin
from ods_svc.rebuild.twin import LONG_STATEMENT_SECONDS, NEXT

_STAGED = f"{NEXT}.staged"
# The attributes of ProjectedFact, in their order.
_CREATE = f"""
CREATE UNLOGGED TABLE {_STAGED} (
  resource text, id text, version bigint, event_type text, event_time timestamptz, deleted boolean,
  customer_ids text[], party_id text, name text, state text, body bytea, event_id uuid,
  correlation_id text, life_since timestamptz,
  arrival bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000)
) WITH (autovacuum_enabled = off)
"""
_POSITION = f"""
CREATE UNLOGGED TABLE {NEXT}.position (
  topic text, kpartition integer, next_offset bigint NOT NULL, PRIMARY KEY (topic, kpartition)
) WITH (fillfactor = 50)
"""
# A resource of which more is known than its deletion may live again. What is left of its events
# says `ProjectedFact.followed_by`, one by one.
_LIVING_AGAIN = f"""
CREATE UNLOGGED TABLE {NEXT}.living_again AS
SELECT resource, id FROM {_STAGED}
WHERE (resource, id) IN (SELECT resource, id FROM {_STAGED} WHERE deleted)
GROUP BY resource, id
HAVING max(event_time) > min(event_time) FILTER (WHERE deleted)
    OR max(version) > min(version) FILTER (WHERE deleted)
"""  # noqa: S608 - the names are the code's own
# Of all others the newest version is left. Rows are found by their places: sorting them with their
# bodies would cost more than all the rest.
_FACTS = f"""
INSERT INTO {NEXT}.fact (resource, id, version, event_type, event_time, deleted, customer_id,
                         other_customer_ids, party_id, state, body)
SELECT resource, id, version, event_type, event_time, deleted, customer_ids[1],
       nullif(customer_ids[2:], '{{}}'), party_id, state, body
FROM {_STAGED} s
JOIN (SELECT DISTINCT ON (id, resource) ctid AS place FROM {_STAGED}
      ORDER BY id, resource, version DESC, event_time DESC, arrival) newest
  ON newest.place = s.ctid
WHERE NOT EXISTS (
  SELECT FROM {NEXT}.living_again a WHERE a.resource = s.resource AND a.id = s.id)
"""  # noqa: S608
# In the order of the key: a customer's entries lie together, and what was told twice falls out.
_TIMELINE = f"""
INSERT INTO {NEXT}.timeline (customer_id, event_time, event_id, event_type, resource, id, version,
                             name, state, correlation_id)
SELECT DISTINCT ON (customer_id, event_time, event_id) customer_id, event_time, event_id,
       event_type, resource, id, version, name, state, correlation_id
FROM {_STAGED}, unnest(customer_ids) customer_id
WHERE event_type NOT LIKE '%SnapshotEvent' ORDER BY customer_id, event_time, event_id
"""  # noqa: S608
_READ_THOSE_LIVING_AGAIN = f"""
DECLARE living_again_events CURSOR FOR
SELECT resource, id, version, event_type, event_time, deleted, customer_ids, party_id, name, state,
       body, event_id, correlation_id, life_since
FROM {_STAGED} JOIN {NEXT}.living_again USING (resource, id) ORDER BY resource, id, arrival
"""  # noqa: S608
_NEXT_EVENTS = "FETCH 2000 FROM living_again_events"
_IN_MEMORY = "SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '256MB'"


async def create_staging(connection: Connection) -> None:
    """Beside the twin's tables, in the transaction that creates them."""
    await connection.execute(_CREATE)
    await connection.execute(_POSITION)


async def is_staging(connection: Connection) -> bool:
    """Whether the twin's facts and timeline are still to be made of what is staged."""
    staging: bool = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", _STAGED)
    return staging


async def stage(connection: Connection, facts: Sequence[ProjectedFact]) -> None:
    """Keep these events, after those staged before."""
    if facts:
        await connection.copy_records_to_table(
            "staged", schema_name=NEXT, records=facts, columns=ProjectedFact._fields
        )


async def merge(connection: Connection, beside: Connection) -> None:
    """Make facts and timeline of all that is staged, at the same time, and forget it.

    Each table is made within one transaction: whoever was interrupted begins with it again.
    """
    await connection.execute(f"ANALYZE {_STAGED}", timeout=LONG_STATEMENT_SECONDS)
    await connection.execute(f"DROP TABLE IF EXISTS {NEXT}.living_again")
    await connection.execute(_LIVING_AGAIN, timeout=LONG_STATEMENT_SECONDS)
    await _both(_make(connection, "fact", _FACTS), _make(beside, "timeline", _TIMELINE))
    async with connection.transaction():
        await _add_those_living_again(connection)
        await connection.execute(f"DROP TABLE {_STAGED}, {NEXT}.living_again")
        await connection.execute(f"ALTER TABLE {NEXT}.position SET LOGGED")


async def _both(*making: Coroutine[Any, Any, None]) -> None:
    """Wait for all; raises what the first that failed did, when no other is under way any more."""
    tasks = [asyncio.create_task(one) for one in making]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _make(connection: Connection, table: str, insert: str) -> None:
    async with connection.transaction():
        await connection.execute(_IN_MEMORY)
        await twin.create_table(connection, table)
        await connection.execute(insert, timeout=LONG_STATEMENT_SECONDS)
        await twin.index_table(connection, table)


async def _add_those_living_again(connection: Connection) -> None:
    # asyncpg's own cursors end with the transaction, and until then the table can't be dropped.
    await connection.execute(_READ_THOSE_LIVING_AGAIN, timeout=LONG_STATEMENT_SECONDS)
    while rows := await connection.fetch(_NEXT_EVENTS, timeout=LONG_STATEMENT_SECONDS):
        await upsert_facts(connection, [_as_projected(row) for row in rows])
    await connection.execute("CLOSE living_again_events")


def _as_projected(row: Iterable[Any]) -> ProjectedFact:
    fact = ProjectedFact(*row)
    return fact._replace(customer_ids=tuple(fact.customer_ids))
