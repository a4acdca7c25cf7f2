"""TMF621 over HTTP: tickets from any channel."""

from typing import cast

from dualbus_events.contract.assurance import (
    TroubleTicket as TroubleTicketDocument,
)
from dualbus_events.contract.assurance import TroubleTicketDeleteEvent
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.declaration import new_document
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from assurance_svc.service_level_agreement.promises import find_promises
from assurance_svc.trouble_ticket.aggregate import (
    TROUBLE_TICKET_DECLARATION,
    TROUBLE_TICKET_PATH,
    TroubleTicket,
)
from assurance_svc.trouble_ticket.deadlines import watch_deadlines
from assurance_svc.trouble_ticket.repository import TroubleTickets

router = APIRouter(tags=["troubleTicket"])
router.include_router(
    read_router(TroubleTickets, path=TROUBLE_TICKET_PATH, indexed={"relatedParty.id": "party_ids"})
)


@router.post(
    TROUBLE_TICKET_PATH,
    **openapi.create_operation(
        "troubleTicket", TroubleTicketDocument, required=TROUBLE_TICKET_DECLARATION.required
    ),
)
async def create_trouble_ticket(request: Request) -> Response:
    service = service_of(request)
    body = await parse_object(request)

    async def store(uow: UnitOfWork) -> Response:
        document = cast(
            TroubleTicketDocument, new_document(TROUBLE_TICKET_DECLARATION, body, service.settings)
        )
        # What a client sends there is checked for its form and not stored: both begin here.
        document.status_change = document.resolution_clock = None
        ticket = TroubleTicket(document)
        ticket.begin(await find_promises(uow.connection, ticket.document.related_entity))
        uow.add(ticket)
        await watch_deadlines([ticket], uow)
        return created(ticket)

    return await answer_once(request, service.database, scope=TROUBLE_TICKET_PATH, work=store)


@router.patch(
    TROUBLE_TICKET_PATH + "/{id}",
    **openapi.patch_operation("troubleTicket", TroubleTicketDocument),
)
async def patch_trouble_ticket(request: Request, ticket_id: ResourceId, uow: Uow) -> Response:
    patch = await parse_object(request, media_types=PATCH_TYPES)
    ticket = await load_one(uow, TroubleTickets, ticket_id)
    check_if_match(request, ticket)
    ticket.patch(patch)
    if "relatedEntity" in patch:
        ticket.promise(await find_promises(uow.connection, ticket.document.related_entity))
    await watch_deadlines([ticket], uow)
    return changed(ticket)


@router.delete(TROUBLE_TICKET_PATH + "/{id}", **openapi.delete_operation("troubleTicket"))
async def delete_trouble_ticket(request: Request, ticket_id: ResourceId, uow: Uow) -> Response:
    ticket = await load_one(uow, TroubleTickets, ticket_id)
    check_if_match(request, ticket)
    ticket.record(TroubleTicketDeleteEvent)
    return Response(status_code=204)
