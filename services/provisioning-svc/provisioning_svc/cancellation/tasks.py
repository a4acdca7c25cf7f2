"""A task of cancelling: posted and assessed at once, then done or terminated with an error."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import timestamp_now
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object, validated
from dualbus_tmf.declaration import DeclaredAggregate, new_document
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import Addressed, api_of, resource_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.resource import Resource
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

_OURS = ("effectiveCancellationDate", "completionMessage", "errorMessage", "relatedParty")

Assess = Callable[[DeclaredAggregate, UnitOfWork], Awaitable[None]]
"""Gets a new task, which it has to begin: cancels its order, or notes in the task why it can't."""


def cancellation_router(resource: Resource, assess: Assess) -> APIRouter:
    """POST of a declared task; what it is about is locked, looked at and moved in one commit."""
    declared = resource.declaration
    router = APIRouter(tags=[api_of(declared.path)])
    operation = openapi.create_operation(
        resource_of(declared.path), declared.document, required=declared.required
    )

    @router.post(declared.path, **operation)
    async def create_cancellation(request: Request) -> Response:
        service = service_of(request)
        body = await parse_object(request)

        async def work(uow: UnitOfWork) -> Response:
            cancellation = _new(resource, body, service.settings)
            await assess(cancellation, uow)
            uow.add(cancellation)
            return created(cancellation)

        return await answer_once(request, service.database, scope=declared.path, work=work)

    return router


def begin(cancellation: DeclaredAggregate) -> None:
    """Its order was found, and can still be asked to be cancelled."""
    cancellation.record(cancellation.declaration.create)
    cancellation.patch({"state": "inProgress"})


def finish(cancellation: DeclaredAggregate) -> None:
    """Everything is undone."""
    cancellation.patch({"state": "done", "effectiveCancellationDate": timestamp_now()})


def deny(cancellation: DeclaredAggregate, *, code: str, message: str) -> None:
    """It is too late, or the network can't take back what was done."""
    error = {"code": code, "reason": message, "message": message}
    cancellation.patch({"state": "terminatedWithError", "errorMessage": error})


def _new(resource: Resource, body: Mapping[str, Any], addressed: Addressed) -> DeclaredAggregate:
    """The task a POST brings. What is the server's to say is checked for its form, not stored."""
    given = {name: value for name, value in body.items() if not _is_state(name, value)}
    document = new_document(resource.declaration, given, addressed)
    kept = {name: value for name, value in document.to_dict().items() if name not in _OURS}
    return resource.aggregate(validated(type(document), kept))


def _is_state(name: str, value: object) -> bool:
    return name == "state" and isinstance(value, str)
