"""`/ops/outbox`: what waits to be published, and keys whose record the broker refused."""

from typing import Any

from dualbus_kit.clock import timestamp
from dualbus_kit.errors import NotFound
from fastapi import APIRouter, Request
from pydantic import BaseModel

from dualbus_events.operations.audit import audited
from dualbus_events.operations.requests import database_of

_COUNTS = """
SELECT count(*) AS pending,
       coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest
FROM outbox
"""
_PARKED = """
SELECT p.topic, p.key, p.event_id, p.error, p.parked_at,
       (SELECT count(*) FROM outbox o WHERE o.topic = p.topic AND o.key = p.key) AS messages
FROM outbox_parked p ORDER BY p.parked_at
"""
_RELEASE = "DELETE FROM outbox_parked WHERE key = $1 AND ($2::text IS NULL OR topic = $2)"


class NothingRefused(NotFound):
    code = "nothingRefused"
    reason = "No message of this key was refused by the broker"


class RefusedKey(BaseModel):
    """A key whose messages wait because the broker refused one."""

    key: str
    topic: str | None = None


def outbox_router() -> APIRouter:
    """Look at the outbox, and let the relay try a refused key again."""
    router = APIRouter(prefix="/ops/outbox", tags=["operations"])

    @router.get("", operation_id="retrieveOutbox")
    async def retrieve_outbox(request: Request) -> dict[str, Any]:
        """Messages not yet published, the age of the oldest in seconds, and refused keys."""
        pool = database_of(request).pool
        [counts] = await pool.fetch(_COUNTS)
        parked = [
            {
                "topic": row["topic"],
                "key": row["key"].decode(errors="replace"),
                "eventId": str(row["event_id"]),
                "reason": row["error"],
                "parkedAt": timestamp(row["parked_at"]),
                "messages": row["messages"],
            }
            for row in await pool.fetch(_PARKED)
        ]
        oldest = round(counts["oldest"], 3)
        return {"pending": counts["pending"], "oldestSeconds": oldest, "parked": parked}

    @router.post("/retry", operation_id="retryOutbox")
    async def retry_outbox(request: Request, refused: RefusedKey) -> dict[str, Any]:
        """Have the relay send a refused key's messages again, in their order."""
        subject = f"{refused.topic or 'any topic'} {refused.key}"
        async with audited(request, "outbox.retry", subject) as entry:
            done = await database_of(request).pool.execute(
                _RELEASE, refused.key.encode(), refused.topic
            )
            released = int(done.rpartition(" ")[2])
            if not released:
                raise NothingRefused(subject)
            entry.after = {"released": released}
        return {"released": released}

    return router
