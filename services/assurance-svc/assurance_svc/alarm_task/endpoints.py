"""TMF642 tasks over HTTP."""

from dualbus_events.contract import alarm_tasks
from fastapi import APIRouter

from assurance_svc import tables
from assurance_svc.alarm_task import use_cases
from assurance_svc.task_endpoints import task_router

router = APIRouter()
for _topic, _table, _carry_out in (
    (alarm_tasks.ACK_ALARMS, tables.ack_alarms, use_cases.acknowledge),
    (alarm_tasks.UN_ACK_ALARMS, tables.un_ack_alarms, use_cases.unacknowledge),
    (alarm_tasks.CLEAR_ALARMS, tables.clear_alarms, use_cases.clear),
    (alarm_tasks.COMMENT_ALARMS, tables.comment_alarms, use_cases.comment),
    (alarm_tasks.GROUP_ALARMS, tables.group_alarms, use_cases.group),
    (alarm_tasks.UN_GROUP_ALARMS, tables.un_group_alarms, use_cases.ungroup),
):
    router.include_router(task_router(_topic, _table, _carry_out))
