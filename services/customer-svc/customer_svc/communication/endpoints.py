"""TMF681 over HTTP: a POST is answered at once, sending comes after its commit."""

from typing import Any

from dualbus_events.calls import withdraw_calls
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import DeclaredAggregate
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.hrefs import api_of, resource_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.writing import PATCH_TYPES, changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from customer_svc.communication.aggregate import MessageNotCancellable, StateNotTheClients
from customer_svc.communication.declaration import MESSAGE_RESOURCE
from customer_svc.communication.sending import KIND, send_later

_declared = MESSAGE_RESOURCE.declaration
PATH = _declared.path
_NAME = resource_of(PATH)
_UNDER_WAY = "SELECT true FROM outbound_call WHERE kind = $1 AND key = $2"

router = APIRouter(tags=[api_of(PATH)])
router.include_router(MESSAGE_RESOURCE.router)


@router.post(
    PATH, **openapi.create_operation(_NAME, _declared.document, required=_declared.required)
)
async def create_communication_message(request: Request) -> Response:
    service = service_of(request)
    body = await parse_object(request)

    async def accept(uow: UnitOfWork) -> Response:
        message = MESSAGE_RESOURCE.new(body, service.settings)
        uow.add(message)
        await send_later([message], uow)
        return created(message)

    return await answer_once(request, service.database, scope=PATH, work=accept)


@router.patch(PATH + "/{id}", **openapi.patch_operation(_NAME, _declared.document))
async def patch_communication_message(
    request: Request, resource_id: ResourceId, uow: Uow
) -> Response:
    patch = await parse_object(request, media_types=PATCH_TYPES)
    message = await load_one(uow, MESSAGE_RESOURCE.repository, resource_id)
    check_if_match(request, message)
    state = patch.get("state", message.document.state)
    if state not in (message.document.state, "cancelled"):
        raise StateNotTheClients(f"state: {state!r} can't be set by a client")
    if state == "cancelled":
        await _call_off(message, uow)
    message.patch(patch)
    return changed(message)


@router.delete(PATH + "/{id}", **openapi.delete_operation(_NAME))
async def delete_communication_message(
    request: Request, resource_id: ResourceId, uow: Uow
) -> Response:
    message = await load_one(uow, MESSAGE_RESOURCE.repository, resource_id)
    check_if_match(request, message)
    await _call_off(message, uow)
    message.record(_declared.delete)  # type: ignore[arg-type]
    return Response(status_code=204)


async def _call_off(message: DeclaredAggregate, uow: UnitOfWork) -> None:
    """Not to be sent any more. Raises MessageNotCancellable while it is being sent."""
    await withdraw_calls(uow, KIND, [message.id])
    under_way: Any = await uow.connection.fetchval(_UNDER_WAY, KIND, message.id)
    if under_way:
        raise MessageNotCancellable(f"communicationMessage {message.id} is being sent")
