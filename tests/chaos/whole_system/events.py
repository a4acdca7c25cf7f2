"""Events: what owners committed, against the log as outsiders read it and the timeline."""

from collections import Counter
from typing import Final

from dualbus_cli.demo.committed import committed_versions

from tests.e2e.event_log import EventLog
from tests.e2e.ledger import Comparison
from tests.e2e.running_system import RunningSystem

_TIMELINE: Final = "SELECT event_id::text AS id FROM timeline"


async def compare_events(system: RunningSystem, log: EventLog) -> list[Comparison]:
    """Every change is one event on the log and, if it concerns a customer, in their timeline.

    Two records with the same id are one event.
    """
    committed = await committed_versions(system.stack.database_url)
    timeline = [row["id"] for row in await system.rows("ods", _TIMELINE)]
    expected = {
        f"{topic} {key} {version}": 1
        for (topic, key), last in committed.items()
        for version in range(1, last + 1)
    }
    seen = {
        f"{topic} {key} {version}": len(ids)
        for (topic, key, version), ids in log.ids_by_version().items()
        if (topic, key) not in log.deleted
    }
    return [Comparison("event", expected, seen), _in_timeline(log, timeline)]


def _in_timeline(log: EventLog, timeline: list[str]) -> Comparison:
    expected = {one.event_id: 1 for one in log.records if one.customer_id is not None}
    # An event may concern customers that its header does not name: those are only counted.
    others = {one.event_id for one in log.records} - expected.keys()
    seen = Counter(id_ for id_ in timeline if id_ not in others)
    return Comparison("event in the timeline", expected, seen)
