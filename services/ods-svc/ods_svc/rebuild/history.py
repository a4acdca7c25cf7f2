"""What the topics no longer hold, though the projection does: carried over, or missed in time."""

from datetime import datetime, timedelta

from dualbus_events.facts import FACT_TOPIC_CONFIG
from dualbus_events.tasks import TASK_TOPIC_CONFIG
from dualbus_kit.database import Connection

from ods_svc.rebuild.twin import NEXT

# Topics hold every event of this time; older ones may have been compacted away.
_TIMELINE_KEPT = timedelta(milliseconds=int(FACT_TOPIC_CONFIG["min.compaction.lag.ms"]))
_TRACK_KEPT = timedelta(milliseconds=int(TASK_TOPIC_CONFIG["retention.ms"]))

_TIMELINE = f"""
INSERT INTO {NEXT}.timeline SELECT * FROM public.timeline WHERE event_time < $1
ON CONFLICT DO NOTHING
"""  # noqa: S608 - the schema is the code's own
_TRACK = f"""
INSERT INTO {NEXT}.track SELECT * FROM public.track WHERE coalesce(sent_at, answered_at) < $1
ON CONFLICT DO NOTHING
"""  # noqa: S608
_MISSING = f"""
SELECT f.resource, count(*) AS count, min(f.id) AS example FROM public.fact f
WHERE NOT f.deleted AND f.applied_at < $1 AND NOT EXISTS (
  SELECT FROM {NEXT}.fact n WHERE n.resource = f.resource AND n.id = f.id)
GROUP BY f.resource ORDER BY f.resource
"""  # noqa: S608


async def carry_over(connection: Connection, *, begun: datetime) -> None:
    """Old entries of the timeline and the tracks: topics hold what is younger, whole."""
    await connection.execute(_TIMELINE, begun - _TIMELINE_KEPT)
    await connection.execute(_TRACK, begun - _TRACK_KEPT)


async def missing_facts(
    connection: Connection, *, applied_before: datetime
) -> dict[str, tuple[int, str]]:
    """By resource, how many facts only the first set of tables has, and the id of one."""
    rows = await connection.fetch(_MISSING, applied_before)
    return {row["resource"]: (row["count"], row["example"]) for row in rows}
