"""TMF640 service and monitor: the inventory's services, activated and configured one by one."""

from dataclasses import replace
from typing import Any

from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.declaration import DeclaredAggregate, new_document
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from provisioning_svc.service_activation.monitor import MONITOR, Asked
from provisioning_svc.service_activation.use_cases import (
    configure_service,
    create_service,
    end_service,
)
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_inventory.repository import SERVICE_INVENTORY, Services

PATH = "/tmf-api/ServiceActivationAndConfiguration/v4/service"
_NAME = "activatedService"
# One inventory behind both APIs; the href of a service is in the API that it was made by.
_DECLARED = replace(SERVICE_INVENTORY.declaration, path=PATH)

router = APIRouter(tags=["ServiceActivationAndConfiguration"])
router.include_router(read_router(Services, path=PATH, named=_NAME))
router.include_router(MONITOR.router)


def _or_accepted(operation: openapi.Operation) -> openapi.Operation:
    """The operation with the answer of a request that the network has to carry out."""
    location = {"description": "The href of the monitor.", "schema": {"type": "string"}}
    operation["responses"][202] = {
        "model": ServiceDocument,
        "description": "The network is asked: the service as it is until then.",
        "headers": {"Location": location},
    }
    return operation


@router.post(
    PATH,
    **_or_accepted(openapi.create_operation(_NAME, ServiceDocument, required=_DECLARED.required)),
)
async def create_activated_service(request: Request) -> Response:
    """201 with the service; 202 where the network has to activate it, with its monitor's href."""
    state = service_of(request)
    body = await parse_object(request)
    asked = _asked(request, await request.body())

    async def work(uow: UnitOfWork) -> Response:
        document: Any = new_document(_DECLARED, body, state.settings)
        service, monitor = await create_service(document, asked, uow)
        return _accepted(service, monitor) if monitor else created(service)

    return await answer_once(request, state.database, scope=PATH, work=work)


@router.patch(PATH + "/{id}", **_or_accepted(openapi.patch_operation(_NAME, ServiceDocument)))
async def patch_activated_service(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """200 with the service; 202 where the network has to follow a move of its state."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    service = await load_one(uow, Services, resource_id)
    check_if_match(request, service)
    monitor = await configure_service(service, patch, _asked(request, await request.body()), uow)
    return _accepted(service, monitor) if monitor else changed(service)


@router.delete(PATH + "/{id}", **_or_accepted(openapi.delete_operation(_NAME)))
async def delete_activated_service(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """204 for a service that was not on the network; 202 where the network has to end it."""
    service = await load_one(uow, Services, resource_id)
    check_if_match(request, service)
    monitor = await end_service(service, _asked(request), uow)
    return _accepted(service, monitor) if monitor else Response(status_code=204)


def _asked(request: Request, body: bytes = b"") -> Asked:
    """What the monitor tells of the request; `body` was parsed before, so it is text."""
    return Asked(request.method, service_of(request).settings.public_url + request.url.path, body)


def _accepted(service: Service, monitor: DeclaredAggregate) -> Response:
    response = changed(service, status=202)
    response.headers["Location"] = monitor.document.href
    return response
