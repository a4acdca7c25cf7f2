"""What the ODS knows of the run: versions, timelines, tracks and when it was applied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from dualbus_events.catalogue import fact_topic

from dualbus_cli.demo.event_audit import OdsEvents

_VERSIONS = "SELECT resource, id, version FROM fact"
_TIMELINE = """
SELECT event_id::text, resource, id, version FROM timeline
WHERE starts_with(customer_id, $1)
"""
_TRACK = """
SELECT process_id, type, item_id, sent_at, answered_at, outcome FROM track
WHERE process_id = ANY($1) ORDER BY process_id, sent_at, answered_at
"""
_INVENTORY = """
SELECT customer_id, resource, state, count(*) AS count FROM fact
WHERE starts_with(customer_id, $1) AND NOT deleted GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A task of an order: when it was sent and answered."""

    order_id: str
    type: str
    item_id: str | None
    sent_at: datetime | None
    answered_at: datetime | None
    outcome: str | None


class OdsReader:
    """Reads the ODS's own tables; `prefix` is what the ids of the run's customers begin with."""

    def __init__(self, database_url: Callable[[str], str], *, prefix: str) -> None:
        self._dsn = database_url("ods")
        self._prefix = prefix

    async def events(self) -> OdsEvents:
        """Everything the audit compares."""
        timeline = [
            (event_id, fact_topic(resource).name, id_, version)
            for event_id, resource, id_, version in await self._fetch(_TIMELINE, self._prefix)
        ]
        return OdsEvents(await self.versions(), timeline)

    async def versions(self) -> dict[tuple[str, str], int]:
        """The version of every resource, by topic and id."""
        return {
            (fact_topic(resource).name, id_): version
            for resource, id_, version in await self._fetch(_VERSIONS)
        }

    async def track(self, order_ids: Sequence[str]) -> list[Step]:
        """The tasks of these orders, in the order in which they were sent."""
        return [Step(*row) for row in await self._fetch(_TRACK, list(order_ids))]

    async def inventory(self) -> dict[tuple[str, str, str], int]:
        """How many resources of each kind and state each customer of the run has."""
        rows = await self._fetch(_INVENTORY, self._prefix)
        return {(r["customer_id"], r["resource"], r["state"] or ""): r["count"] for r in rows}

    async def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self._dsn)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows
        finally:
            await connection.close()
