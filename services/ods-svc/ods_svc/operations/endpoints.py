"""`/ops/ods`: counts, freshness, and when each fact was applied."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import orjson
from dualbus_events.catalogue import TOPICS
from dualbus_kit.clock import timestamp, utc_now
from dualbus_tmf.dependencies import service_of, storable
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from ods_svc.freshness import Freshness, FreshnessReader, Sources

_MAX_LIMIT = 100_000

_COUNTS = """
SELECT resource, state, deleted, count(*) AS count, max(event_time) AS last_event,
       max(applied_at) AS last_applied
FROM fact GROUP BY resource, state, deleted ORDER BY resource, state
"""
_TASKS = """
SELECT type, coalesce(outcome, 'open') AS outcome, count(*) AS count
FROM track GROUP BY 1, 2 ORDER BY 1, 2
"""
_APPLIED = """
SELECT id, version, state, event_time, applied_at FROM fact
WHERE resource = $1 AND applied_at >= $2 AND ($3::text[] IS NULL OR state = ANY($3))
  AND NOT deleted
ORDER BY applied_at, id LIMIT $4
"""


def operations_router() -> APIRouter:
    """Reads whole tables: for people and programs that ask now and then."""
    router = APIRouter(prefix="/ops/ods", tags=["operations"])
    reader = FreshnessReader({topic.name: Sources((topic.name,)) for topic in TOPICS})

    @router.get("/summary", response_class=Response)
    async def summary(request: Request) -> Response:
        """Facts by resource and state, tasks by outcome, freshness by topic."""
        pool = service_of(request).database.pool
        body = {
            "resource": _by_resource(await pool.fetch(_COUNTS)),
            "task": _by_type(await pool.fetch(_TASKS)),
            "freshness": _shown(await reader.read(pool), utc_now()),
        }
        return Response(orjson.dumps(body), media_type="application/json")

    @router.get("/freshness", response_class=Response)
    async def freshness(request: Request) -> Response:
        """`now` by this clock, and how fresh each topic is: for those who wait for a moment."""
        # Before the reading, so that `asOf` >= `now` can be waited for.
        now = utc_now()
        topics = await reader.read(service_of(request).database.pool)
        body = {"now": timestamp(now), "topic": _shown(topics, now)}
        return Response(orjson.dumps(body), media_type="application/json")

    @router.get("/applied", response_class=Response)
    async def applied(
        request: Request,
        since: AwareDatetime,
        resource: str = "productOrder",
        state: str | None = None,
        limit: Annotated[int, Query(ge=1, le=_MAX_LIMIT)] = _MAX_LIMIT,
    ) -> Response:
        """Current versions applied since a moment: `[{id, version, state, eventTime, appliedAt}]`.

        `appliedAt` has microseconds and is taken just before the batch's commit.
        """
        states = storable(state).split(",") if state else None
        rows = await service_of(request).database.pool.fetch(
            _APPLIED, storable(resource), since, states, limit
        )
        entries = [
            {
                "id": row["id"],
                "version": row["version"],
                "state": row["state"],
                "eventTime": timestamp(row["event_time"]),
                "appliedAt": _exactly(row["applied_at"]),
            }
            for row in rows
        ]
        return Response(orjson.dumps(entries), media_type="application/json")

    return router


def _shown(topics: Mapping[str, Freshness], now: datetime) -> dict[str, dict[str, object]]:
    return {
        topic: {**fresh.to_dict(now), "unread": fresh.unread}
        for topic, fresh in sorted(topics.items())
    }


def _exactly(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _by_resource(rows: list[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            row["resource"],
            {"count": 0, "deleted": 0, "byState": {}, "lastEventTime": "", "lastAppliedAt": ""},
        )
        entry["lastEventTime"] = max(entry["lastEventTime"], timestamp(row["last_event"]))
        entry["lastAppliedAt"] = max(entry["lastAppliedAt"], timestamp(row["last_applied"]))
        if row["deleted"]:
            entry["deleted"] += row["count"]
            continue
        entry["count"] += row["count"]
        if row["state"] is not None:
            entry["byState"][row["state"]] = row["count"]
    return found


def _by_type(rows: list[Any]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["type"]][row["outcome"]] = row["count"]
    return found
