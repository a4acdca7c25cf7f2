"""Tasks over HTTP: posted, carried out at once, and kept to be read."""

from collections.abc import Awaitable, Callable
from typing import Any

from dualbus_events.facts import FactTopic
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import new_document
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of, resource_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response
from sqlalchemy import Table

_DONE = "done"
CarryOut = Callable[[Any, UnitOfWork], Awaitable[None]]


def task_router(topic: FactTopic[Any], table: Table, carry_out: CarryOut) -> APIRouter:
    """POST and both GETs of a defined task; `carry_out` does it, and notes in it what it did."""
    states = {"state": _DONE} if topic.document.definition.state_attribute else {}
    resource = declare_defined(
        topic,
        table=table,
        operations=frozenset(("read",)),
        defaults=states,
        customer_of=lambda _: None,
    )
    declared, router = resource.declaration, resource.router
    operation = openapi.create_operation(
        resource_of(declared.path), declared.document, required=declared.required
    )

    @router.post(declared.path, tags=[api_of(declared.path)], **operation)
    async def create_task(request: Request) -> Response:
        service = service_of(request)
        body = await parse_object(request)

        async def work(uow: UnitOfWork) -> Response:
            document: Any = new_document(declared, body, service.settings)
            if states:
                document.state = _DONE  # the server's to say
            await carry_out(document, uow)
            task = resource.aggregate(document)
            task.record(declared.create)
            uow.add(task)
            return created(task)

        return await answer_once(request, service.database, scope=declared.path, work=work)

    return router
