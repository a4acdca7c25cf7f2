"""Which alarms a task is about."""

from collections.abc import Sequence
from typing import Any

from dualbus_events.document import Document
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf.bodies import InvalidBody
from pydantic_core import to_json

from assurance_svc.alarm.aggregate import Alarm
from assurance_svc.alarm.repository import Alarms
from assurance_svc.alarm_task.errors import AlarmGroupLoop, PatternTooWide
from assurance_svc.grouping import Grouping

MOST_ALARMS = 1000
"""More would make the task's document too large to publish, and hold too many alarms locked."""

# Joined, not `@> ANY(…)`: so each pattern is a look-up in the index.
_MATCHING = """
SELECT DISTINCT alarm.id FROM unnest($1::text[]) pattern
JOIN alarm ON alarm.body @> pattern::jsonb ORDER BY 1 LIMIT $2
"""
_GROUPS = Grouping("alarm", "parentAlarm", lock=642642)


async def matching_alarms(task: Document, uow: UnitOfWork) -> list[Alarm]:
    """The alarms that have every attribute of at least one `alarmPattern`.

    Raises InvalidBody for a pattern that says nothing, PatternTooWide.
    """
    patterns = [_told(one) for one in task.to_dict().get("alarmPattern") or []]
    if not all(patterns):
        raise InvalidBody("alarmPattern: a pattern without attributes would mean every alarm")
    # Not orjson, which knows no integer of more than 64 bits; JSON does, and PostgreSQL.
    encoded = [to_json(one).decode() for one in patterns]
    rows = await uow.connection.fetch(_MATCHING, encoded, MOST_ALARMS + 1)
    if len(rows) > MOST_ALARMS:
        raise PatternTooWide(f"alarmPattern: more than {MOST_ALARMS} alarms meet it")
    found = await uow.find(Alarms, [row["id"] for row in rows])
    return list(found.values())


async def check_no_loop(parent_id: str, child_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Raise AlarmGroupLoop if one of the children is the parent, or above it."""
    if above := await _GROUPS.above(parent_id, child_ids, uow):
        named = ", ".join(above)
        raise AlarmGroupLoop(f"Alarm {parent_id} can't be above {named}, which is above it")


def _told(pattern: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in pattern.items() if value is not None}
