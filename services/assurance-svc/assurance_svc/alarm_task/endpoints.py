"""TMF642 tasks over HTTP: posted, carried out at once, and kept to be read."""

from collections.abc import Awaitable, Callable
from typing import Any

from dualbus_events.contract import alarm_tasks
from dualbus_events.facts import FactTopic
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import new_document
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import resource_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response
from sqlalchemy import Table

from assurance_svc import tables
from assurance_svc.alarm_task import use_cases

_DONE = "done"
CarryOut = Callable[[Any, UnitOfWork], Awaitable[None]]


def _task_router(topic: FactTopic[Any], table: Table, carry_out: CarryOut) -> APIRouter:
    resource = declare_defined(
        topic,
        table=table,
        operations=frozenset(("read",)),
        defaults={"state": _DONE},
        customer_of=lambda _: None,
    )
    declared, router = resource.declaration, resource.router
    operation = openapi.create_operation(
        resource_of(declared.path), declared.document, required=declared.required
    )

    @router.post(declared.path, tags=["alarm"], **operation)
    async def create_task(request: Request) -> Response:
        service = service_of(request)
        body = await parse_object(request)

        async def work(uow: UnitOfWork) -> Response:
            document: Any = new_document(declared, body, service.settings)
            document.state = _DONE  # the server's to say
            await carry_out(document, uow)
            task = resource.aggregate(document)
            task.record(declared.create)
            uow.add(task)
            return created(task)

        return await answer_once(request, service.database, scope=declared.path, work=work)

    return router


router = APIRouter()
for _topic, _table, _carry_out in (
    (alarm_tasks.ACK_ALARMS, tables.ack_alarms, use_cases.acknowledge),
    (alarm_tasks.UN_ACK_ALARMS, tables.un_ack_alarms, use_cases.unacknowledge),
    (alarm_tasks.CLEAR_ALARMS, tables.clear_alarms, use_cases.clear),
    (alarm_tasks.COMMENT_ALARMS, tables.comment_alarms, use_cases.comment),
    (alarm_tasks.GROUP_ALARMS, tables.group_alarms, use_cases.group),
    (alarm_tasks.UN_GROUP_ALARMS, tables.un_group_alarms, use_cases.ungroup),
):
    router.include_router(_task_router(_topic, _table, _carry_out))
