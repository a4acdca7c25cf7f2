"""Raise and clear alarms, for lists of them, and keep the ticket of each alarmed resource."""

from collections.abc import Sequence

from dualbus_events.contract.assurance import Alarm as AlarmDocument
from dualbus_events.unit_of_work import UnitOfWork

from assurance_svc.alarm.aggregate import Alarm
from assurance_svc.alarm.impact import Impact
from assurance_svc.alarm.repository import lock_resources, still_alarmed
from assurance_svc.service_level_agreement.promises import find_promises
from assurance_svc.service_resource.projection import services_on
from assurance_svc.trouble_ticket.aggregate import TroubleTicket
from assurance_svc.trouble_ticket.deadlines import watch_deadlines
from assurance_svc.trouble_ticket.network_ticket import new_network_ticket
from assurance_svc.trouble_ticket.repository import TroubleTickets


async def raise_alarms(documents: Sequence[AlarmDocument], uow: UnitOfWork) -> list[Alarm]:
    """Store alarms with what they hit. One on a resource with an open ticket joins it; one that
    hits a service and finds no open ticket opens one, whatever the number of customers.
    """
    resource_ids = sorted({document.alarmed_object.id for document in documents})
    await lock_resources(uow.connection, resource_ids)
    standing = await services_on(uow.connection, resource_ids)
    promises = await find_promises(uow.connection, Impact.of(standing).agreements)
    tickets = await _open_tickets(resource_ids, uow)
    alarms = []
    for document in documents:
        alarm, resource_id = Alarm(document), document.alarmed_object.id
        impact = Impact.of([one for one in standing if resource_id in one.resource_ids])
        ticket = tickets.get(resource_id)
        if ticket is not None:
            ticket.join(document, impact, promises)
        elif impact.services:
            ticket = tickets[resource_id] = new_network_ticket(document, impact, promises, uow)
            uow.add(ticket)
        alarm.raise_on(impact, ticket=ticket.reference if ticket else None)
        uow.add(alarm)
        alarms.append(alarm)
    await watch_deadlines(tickets.values(), uow)
    return alarms


async def tickets_after_clearing(alarms: Sequence[Alarm], uow: UnitOfWork) -> None:
    """Note on their tickets that alarms are cleared; resolve those with no open alarm left."""
    ticket_ids = sorted({alarm.ticket_id for alarm in alarms if alarm.ticket_id})
    if not ticket_ids:
        return
    resource_ids = sorted({alarm.resource_id for alarm in alarms})
    await lock_resources(uow.connection, resource_ids)
    tickets = await uow.find(TroubleTickets, ticket_ids)
    cleared_ids = [alarm.id for alarm in alarms]
    alarmed = await still_alarmed(uow.connection, resource_ids, besides=cleared_ids)
    for alarm in alarms:
        ticket = tickets.get(alarm.ticket_id or "")
        if ticket is not None:
            ticket.alarm_cleared(alarm.document, last=alarm.resource_id not in alarmed)


async def _open_tickets(resource_ids: Sequence[str], uow: UnitOfWork) -> dict[str, TroubleTicket]:
    found = await uow.find_by(TroubleTickets, "open_resource_id", resource_ids)
    return {ticket.open_resource_id: ticket for ticket in found if ticket.open_resource_id}
