"""The durable timers of tickets: each fires when what was promised runs out."""

from collections.abc import Iterable, Sequence

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now

from assurance_svc.trouble_ticket.aggregate import TroubleTicket
from assurance_svc.trouble_ticket.repository import TroubleTickets

KIND = "troubleTicketResolution"


async def watch_deadlines(tickets: Iterable[TroubleTicket], uow: UnitOfWork) -> None:
    """Have each ticket whose deadline has moved looked at then; one statement for all, or none.

    A timer isn't revoked when a clock pauses: it finds nothing to do, or is set anew.
    """
    await _set_timers([ticket for ticket in tickets if ticket.deadline_moved], uow)


async def deadlines_passed(ticket_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Mark and publish the breach of each ticket whose promised time has run out."""
    found = await uow.find(TroubleTickets, ticket_ids)
    for ticket in found.values():
        ticket.check_deadline()
    # The database's clock may be ahead of ours, and a paused ticket may have gone on meanwhile.
    await _set_timers(found.values(), uow)


async def _set_timers(tickets: Iterable[TroubleTicket], uow: UnitOfWork) -> None:
    now = utc_now()
    due = {ticket.id: ticket.deadline for ticket in tickets}
    seconds = {id_: max((at - now).total_seconds(), 0.0) for id_, at in due.items() if at}
    uow.set_timers(KIND, seconds)
