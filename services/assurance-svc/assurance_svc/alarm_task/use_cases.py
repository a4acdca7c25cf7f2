"""What each task does to its alarms; it then names those that it changed."""

from collections.abc import Iterable

from dualbus_events.contract.alarm_tasks import (
    AckAlarms,
    ClearAlarms,
    CommentAlarms,
    GroupAlarms,
    UnAckAlarms,
    UnGroupAlarms,
)
from dualbus_events.document import Reference
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import timestamp_now

from assurance_svc.alarm.aggregate import Alarm
from assurance_svc.alarm.repository import Alarms
from assurance_svc.alarm.use_cases import tickets_after_clearing
from assurance_svc.alarm_task.selection import check_no_loop, matching_alarms


async def acknowledge(task: AckAlarms, uow: UnitOfWork) -> None:
    alarms = await matching_alarms(task, uow)
    user, system = task.ack_user_id, task.ack_system_id
    task.acked_alarm = _references(
        alarm for alarm in alarms if alarm.mark("acknowledged", user_id=user, system_id=system)
    )


async def unacknowledge(task: UnAckAlarms, uow: UnitOfWork) -> None:
    alarms = await matching_alarms(task, uow)
    user, system = task.ack_user_id, task.ack_system_id
    task.un_acked_alarm = _references(
        alarm for alarm in alarms if alarm.mark("unacknowledged", user_id=user, system_id=system)
    )


async def clear(task: ClearAlarms, uow: UnitOfWork) -> None:
    """Clear them, and resolve the tickets that have no open alarm left."""
    alarms = await matching_alarms(task, uow)
    user, system, at = task.clear_user_id, task.clear_system_id, task.alarm_cleared_time
    cleared = [one for one in alarms if one.clear(user_id=user, system_id=system, at=at)]
    await tickets_after_clearing(cleared, uow)
    task.cleared_alarm = _references(cleared)


async def comment(task: CommentAlarms, uow: UnitOfWork) -> None:
    alarms = await matching_alarms(task, uow)
    said = {"time": timestamp_now(), **task.comment}
    for alarm in alarms:
        alarm.comment_on(said)
    task.commented_alarm = _references(alarms)


async def group(task: GroupAlarms, uow: UnitOfWork) -> None:
    """Raises AlarmNotFound, AlarmGroupLoop."""
    child_ids = _ids(task.correlated_alarm)
    await check_no_loop(task.parent_alarm.id, child_ids, uow)
    parent, *children = await _family(task.parent_alarm.id, child_ids, uow)
    grouped = [child for child in children if child.put_under(parent)]
    parent.take_in(grouped)
    task.grouped_alarm = _references(grouped)


async def ungroup(task: UnGroupAlarms, uow: UnitOfWork) -> None:
    """Raises AlarmNotFound."""
    parent, *children = await _family(task.parent_alarm.id, _ids(task.correlated_alarm), uow)
    freed = [child for child in children if child.take_from_under(parent)]
    parent.let_go(freed)
    task.un_grouped_alarm = _references(freed)


async def _family(parent_id: str, child_ids: list[str], uow: UnitOfWork) -> list[Alarm]:
    """The parent first. Raises AlarmNotFound, naming what is missing."""
    ids = list(dict.fromkeys([parent_id, *child_ids]))
    by_id = {alarm.id: alarm for alarm in await uow.load(Alarms, ids)}
    return [by_id[one] for one in ids]


def _ids(references: list[Reference]) -> list[str]:
    return [one.id for one in references]


def _references(alarms: Iterable[Alarm]) -> list[Reference]:
    return [alarm.reference for alarm in alarms]
