"""The table of processes: the only SQL on it. Lists in, one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_events.writes import Write
from dualbus_kit.database import Connection
from dualbus_kit.errors import Superseded
from dualbus_kit.turns import in_turns

from order_svc.process.encoding import from_json, to_json
from order_svc.process.graph import Process

_INSERT = """
INSERT INTO process (id, version, state, started_at, changed_at, body)
SELECT id, 1, state, now(), now(), body
FROM unnest($1::text[], $2::text[], $3::jsonb[]) n(id, state, body) WHERE :earlier
"""
_UPDATE = """
UPDATE process p SET version = p.version + 1, state = u.state, changed_at = now(), body = u.body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[]) u(id, version, state, body)
WHERE p.id = u.id AND p.version = u.version AND :earlier
"""
# All that a step needs, in one round trip. The order is locked too: after waiting for a lock,
# only rows that are locked are read anew.
_WITH_ORDER = """
SELECT p.id, p.version, p.body, extract(epoch FROM clock_timestamp())::float8 AS now,
       o.version AS order_version, o.body AS order_body, c.revision
FROM process p JOIN product_order o ON o.id = p.id CROSS JOIN catalogue_revision c
WHERE p.id = ANY($1::text[])
"""
_LOCK = f"{_WITH_ORDER} ORDER BY p.id FOR UPDATE OF p, o"
_LOCK_DUE = f"{_WITH_ORDER} AND p.state <> 'ended' ORDER BY p.id FOR UPDATE OF p, o SKIP LOCKED"
_NOT_ENDED = "SELECT id FROM process WHERE id = ANY($1::text[]) AND state <> 'ended'"


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """A product order as it is stored."""

    version: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Locked:
    """Processes and their orders that this transaction holds, by id, and the database's time."""

    processes: dict[str, Process]
    orders: dict[str, StoredOrder]
    revision: UUID | None
    """The catalogue's revision; None when nothing was found."""
    now: float


def insert_processes(uow: UnitOfWork, processes: Sequence[Process]) -> None:
    """Store new ones."""
    if processes:
        ids, states = [p.id for p in processes], [p.state for p in processes]
        arguments = (ids, states, [to_json(process) for process in processes])
        uow.write(Write(_INSERT, arguments, len(ids), _changed_meanwhile))


def save_processes(uow: UnitOfWork, processes: Sequence[Process]) -> None:
    """Store what `lock_processes` gave. Raises Superseded, which their locks rule out."""
    if processes:
        ids, versions = [p.id for p in processes], [p.version for p in processes]
        states, bodies = [p.state for p in processes], [to_json(p) for p in processes]
        arguments = (ids, versions, states, bodies)
        uow.write(Write(_UPDATE, arguments, len(ids), _changed_meanwhile))


def _changed_meanwhile() -> Superseded:
    return Superseded("A process was changed by someone else")


async def lock_processes(connection: Connection, ids: Sequence[str]) -> Locked:
    """Those that exist, in id order, so that two batches never lock crosswise."""
    return await _locked(connection, _LOCK, ids)


async def lock_due_processes(
    connection: Connection, ids: Sequence[str]
) -> tuple[Locked, list[str]]:
    """Those that have not ended, and the ids of those among them that another batch holds now.

    Never waits: the caller holds timers, and a batch that holds processes may be setting those.
    """
    locked = await _locked(connection, _LOCK_DUE, ids)
    if len(locked.processes) == len(ids):
        return locked, []
    rows = await connection.fetch(_NOT_ENDED, ids)
    return locked, [row["id"] for row in rows if row["id"] not in locked.processes]


async def _locked(connection: Connection, statement: str, ids: Sequence[str]) -> Locked:
    rows = await connection.fetch(statement, list(ids))
    return Locked(
        processes={
            row["id"]: from_json(row["id"], row["version"], row["body"])
            async for row in in_turns(rows)
        },
        orders={row["id"]: StoredOrder(row["order_version"], row["order_body"]) for row in rows},
        revision=rows[0]["revision"] if rows else None,
        now=rows[0]["now"] if rows else 0.0,
    )


async def delete_processes(connection: Connection, ids: Sequence[str]) -> None:
    """Forget processes that have ended, with their orders."""
    await connection.execute("DELETE FROM process WHERE id = ANY($1::text[])", ids)


async def has_process(connection: Connection, order_id: str) -> bool:
    """Whether an order is led by a process; without one, a person leads it."""
    found = await connection.fetchval("SELECT true FROM process WHERE id = $1", order_id)
    return bool(found)


async def list_processes(
    connection: Connection, *, state: str | None, oldest: bool, limit: int
) -> tuple[dict[str, int], list[asyncpg.Record]]:
    """Counts by state, and some processes, by the time they started (ids sort by time)."""
    counts = await connection.fetch(
        "SELECT state, count(*) AS n FROM process GROUP BY state ORDER BY state"
    )
    direction = "ASC" if oldest else "DESC"
    rows = await connection.fetch(
        "SELECT id, version, state, started_at, changed_at, body FROM process "  # noqa: S608
        f"WHERE $1::text IS NULL OR state = $1 ORDER BY id {direction} LIMIT $2",
        state,
        limit,
    )
    return {row["state"]: row["n"] for row in counts}, rows
