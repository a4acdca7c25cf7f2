"""Where alarms are stored, and which resources still have an open one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from assurance_svc import tables
from assurance_svc.alarm.aggregate import Alarm
from assurance_svc.alarm.errors import AlarmNotFound

# Keys of the first number are alarmed resources; sorted, so that two requests never wait crosswise.
_LOCK = """
SELECT pg_advisory_xact_lock(642, key)
FROM (SELECT DISTINCT hashtext(id) AS key FROM unnest($1::text[]) id ORDER BY 1) keys
"""
_STILL_ALARMED = """
SELECT DISTINCT alarmed_object_id FROM alarm
WHERE alarmed_object_id = ANY($1::text[]) AND state <> 'cleared' AND id <> ALL($2::text[])
"""


class Alarms(Repository[Alarm]):
    aggregate = Alarm
    table = tables.alarm
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "state": lambda document: document.state,
        "alarmed_object_id": lambda document: document.alarmed_object.id,
    }
    not_found = AlarmNotFound


async def lock_resources(connection: Connection, resource_ids: Sequence[str]) -> None:
    """Alarms on one resource wait for each other's commit, so that only one opens a ticket."""
    await connection.execute(_LOCK, list(resource_ids))


async def still_alarmed(
    connection: Connection, resource_ids: Sequence[str], *, besides: Sequence[str]
) -> set[str]:
    """Those of the resources that have an open alarm other than `besides`."""
    rows = await connection.fetch(_STILL_ALARMED, list(resource_ids), list(besides))
    return {row["alarmed_object_id"] for row in rows}
