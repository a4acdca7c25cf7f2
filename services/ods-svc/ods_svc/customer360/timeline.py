"""A page of a customer's timeline: every event that concerned them, newest first."""

from dataclasses import dataclass
from typing import Any

import asyncpg
from dualbus_kit.clock import timestamp

from ods_svc.customer360.errors import CustomerUnknown

# The count comes from the primary key's index alone.
_SELECT = """
SELECT event_id, event_time, event_type, resource, id, version, name, state, correlation_id
FROM timeline WHERE customer_id = $1 AND ($2::text[] IS NULL OR resource = ANY($2))
ORDER BY event_time DESC, event_id DESC OFFSET $3 LIMIT $4
"""
_TOTAL = """
SELECT count(*) FROM timeline WHERE customer_id = $1 AND ($2::text[] IS NULL OR resource = ANY($2))
"""
_KNOWN = "SELECT EXISTS (SELECT FROM fact WHERE resource = 'customer' AND id = $1)"


@dataclass(frozen=True)
class TimelinePage:
    """Entries of one page, and how many there are in all."""

    entries: list[dict[str, Any]]
    total: int


async def read_timeline(
    pool: asyncpg.Pool, customer_id: str, *, resources: list[str] | None, offset: int, limit: int
) -> TimelinePage:
    """Raises CustomerUnknown. A deleted customer's timeline can still be read."""
    if not await pool.fetchval(_KNOWN, customer_id):
        raise CustomerUnknown(f"customer {customer_id} is not known")
    total = await pool.fetchval(_TOTAL, customer_id, resources)
    rows = await pool.fetch(_SELECT, customer_id, resources, offset, limit)
    return TimelinePage([_entry(row) for row in rows], total)


def _entry(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "eventId": str(row["event_id"]),
        "eventTime": timestamp(row["event_time"]),
        "eventType": row["event_type"],
        "resource": row["resource"],
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "state": row["state"],
        "correlationId": row["correlation_id"],
    }
