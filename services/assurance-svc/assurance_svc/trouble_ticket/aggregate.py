"""A trouble ticket: its moves leave their dates in it; alarms join and may resolve it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dualbus_events.contract.assurance import (
    TROUBLE_TICKET,
    TroubleTicketAttributeValueChangeEvent,
    TroubleTicketCreateEvent,
    TroubleTicketDeleteEvent,
    TroubleTicketResolvedEvent,
    TroubleTicketServiceLevelBreachEvent,
    TroubleTicketStatusChangeEvent,
)
from dualbus_events.contract.assurance import Alarm as AlarmDocument
from dualbus_events.contract.assurance import TroubleTicket as TroubleTicketDocument
from dualbus_events.document import Note, Reference, RelatedParty
from dualbus_events.facts import EventType
from dualbus_kit.clock import timestamp, timestamp_now, utc_now
from dualbus_tmf import state_machines
from dualbus_tmf.declaration import Declaration, DeclaredAggregate, StateRule

from assurance_svc.alarm.impact import MAX_LISTED, Impact, related
from assurance_svc.parties import only_customer
from assurance_svc.service_level_agreement.promises import Promises
from assurance_svc.trouble_ticket import resolution_clock
from assurance_svc.trouble_ticket.errors import ResolutionDatePromised
from assurance_svc.trouble_ticket.severity import graver, severity_of

TROUBLE_TICKET_PATH = "/tmf-api/troubleTicket/v4/troubleTicket"
OPEN = frozenset(("acknowledged", "inProgress", "held", "pending"))
ALARMED_RESOURCE = "alarmedResource"
_AUTHOR = "assurance-svc"

TROUBLE_TICKET_DECLARATION = Declaration(
    topic=TROUBLE_TICKET,
    create=TroubleTicketCreateEvent,
    change=TroubleTicketAttributeValueChangeEvent,
    delete=TroubleTicketDeleteEvent,
    path=TROUBLE_TICKET_PATH,
    state=StateRule("status", state_machines.TROUBLE_TICKET, TroubleTicketStatusChangeEvent),
    required=["description", "severity", "ticketType"],
    defaults={"status": "acknowledged", "creationDate": timestamp_now},
    touched=None,
    unpatchable=frozenset(
        ("creationDate", "lastUpdate", "statusChange", "statusChangeDate", "resolutionClock")
    ),
    client_ids=False,
    check=lambda _: None,
)


class TroubleTicket(DeclaredAggregate):
    """TMF621 TroubleTicket."""

    document: TroubleTicketDocument
    document_type = TroubleTicketDocument
    declaration = TROUBLE_TICKET_DECLARATION

    def __init__(self, document: TroubleTicketDocument, *, version: int = 0) -> None:
        super().__init__(document, version=version)
        self._loaded_deadline = self.deadline

    @property
    def customer_id(self) -> str | None:
        return only_customer(self.document.related_party)

    @property
    def reference(self) -> Reference:
        body = {"id": self.id, "href": self.document.href, "@referredType": "TroubleTicket"}
        return Reference.model_validate(body)

    @property
    def open_resource_id(self) -> str | None:
        return open_resource_of(self.document)

    @property
    def deadline(self) -> datetime | None:
        """When a running clock runs out; None without one, or once that was said."""
        clock = self.document.resolution_clock
        if clock is None or clock.state != "running" or clock.breached_at:
            return None
        return resolution_clock.due_at(clock)

    @property
    def deadline_moved(self) -> bool:
        """Whether it is another than when the ticket was loaded."""
        return self.deadline != self._loaded_deadline

    def begin(self, promises: Promises) -> None:
        """Begin its life, and its clock where something was promised for what it is about."""
        self._take_promise(promises)
        self.record(TroubleTicketCreateEvent)

    def promise(self, promises: Promises) -> None:
        """Hold it to what was promised for what it is about, if that is stricter than before."""
        if self._take_promise(promises):
            self.record(TroubleTicketAttributeValueChangeEvent)

    def check_deadline(self) -> None:
        """Mark and publish that the promised time ran out, once, if it did."""
        clock, now = self.document.resolution_clock, utc_now()
        if clock is None or not resolution_clock.has_run_out(clock, at=now):
            return
        self.document.resolution_clock = resolution_clock.breached(clock)
        by = clock.service_level_agreement
        self._note(f"Not resolved in the time that {by.name or by.id} promises.")
        self.record(TroubleTicketServiceLevelBreachEvent)

    def patch(self, patch: Mapping[str, Any]) -> None:
        """As any resource; raises ResolutionDatePromised where the date is the clock's."""
        if self.document.resolution_clock and "expectedResolutionDate" in patch:
            raise ResolutionDatePromised(f"Trouble ticket {self.id} has a clock")
        self.check_deadline()
        super().patch(patch)

    def join(self, alarm: AlarmDocument, impact: Impact, promises: Promises) -> None:
        """Take in one more alarm on the resource, and what it hits that the ticket doesn't name."""
        self.document.severity = graver(
            self.document.severity, severity_of(alarm.perceived_severity)
        )
        self.document.related_entity = united(
            self.document.related_entity, entities_of(alarm, impact)
        )
        self.document.related_party = united(self.document.related_party, impact.customers) or None
        self._take_promise(promises)
        self._note(f"{described(alarm)} joins this ticket.")
        self.record(TroubleTicketAttributeValueChangeEvent)

    def alarm_cleared(self, alarm: AlarmDocument, *, last: bool) -> None:
        """Note it; with the last alarm of its resource cleared the trouble is over.

        A ticket that was closed or called off in the meantime is left alone.
        """
        if self.document.status not in OPEN | {"resolved"}:
            return
        self._note(f"Alarm {alarm.id} is cleared.")
        self.record(TroubleTicketAttributeValueChangeEvent)
        if last and self.document.status in OPEN:
            self._resolve("Every alarm on the resource is cleared")

    def record(self, event_type: EventType[Any]) -> None:
        """Every change leaves its time in the ticket, and every move its place in the history."""
        self.document.last_update = utc_now()
        moves = event_type in (TroubleTicketCreateEvent, TroubleTicketStatusChangeEvent)
        if moves:
            self._stamp_status()
        super().record(event_type)
        if moves and self.document.status == "resolved":
            super().record(TroubleTicketResolvedEvent)

    def _take_promise(self, promises: Promises) -> bool:
        """Start the clock, or shorten its target; whether that changed anything."""
        promise, clock = promises.strictest_for(self.document.related_entity), None
        if promise is None:
            return False
        present = self.document.resolution_clock
        if present is None:
            clock = resolution_clock.started(promise, self.document.status, at=utc_now())
        else:
            clock = resolution_clock.promised(present, promise)
        self.document.resolution_clock = clock
        self.document.expected_resolution_date = resolution_clock.due_at(clock)
        return clock is not present

    def _resolve(self, reason: str) -> None:
        if self.document.status != "inProgress":
            self._move_to("inProgress", reason)
        self._move_to("resolved", reason)

    def _move_to(self, status: str, reason: str) -> None:
        state_machines.TROUBLE_TICKET.check(self.document.status, status, resource_id=self.id)
        self.check_deadline()
        self.document.status = status
        self.document.status_change_reason = reason
        self.record(TroubleTicketStatusChangeEvent)

    def _stamp_status(self) -> None:
        now, status = utc_now(), self.document.status
        self.document.status_change_date = now
        if status == "resolved":
            self.document.resolution_date = self.document.resolution_date or now
        elif status in OPEN:
            self.document.resolution_date = None
        clock = self.document.resolution_clock
        if clock is not None:
            clock = resolution_clock.moved(clock, status, at=now)
            self.document.resolution_clock = clock
            self.document.expected_resolution_date = resolution_clock.due_at(clock)
        change = {"status": status, "changeDate": timestamp(now)}
        if self.document.status_change_reason:
            change["changeReason"] = self.document.status_change_reason
        self.document.status_change = [*(self.document.status_change or []), change]

    def _note(self, text: str) -> None:
        note = Note(text=text, author=_AUTHOR, date=utc_now())
        self.document.note = [*(self.document.note or []), note]


def open_resource_of(document: TroubleTicketDocument) -> str | None:
    """The resource whose alarms may still join the ticket; None once it is resolved."""
    if document.status not in OPEN:
        return None
    entities = document.related_entity or []
    return next((one.id for one in entities if one.role == ALARMED_RESOURCE), None)


def described(alarm: AlarmDocument) -> str:
    """An alarm in a few words."""
    return f"Alarm {alarm.id} ({alarm.probable_cause}, {alarm.perceived_severity})"


def entities_of(alarm: AlarmDocument, impact: Impact) -> list[RelatedParty]:
    """The alarmed resource, the alarm, and what it hits."""
    services = [
        related(one.id, role="affectedService", referred_type="Service") for one in impact.services
    ]
    return [
        related(alarm.alarmed_object.id, role=ALARMED_RESOURCE, referred_type="Resource"),
        related(alarm.id, role="alarm", referred_type="Alarm"),
        *services[:MAX_LISTED],
        *impact.products[:MAX_LISTED],
        *impact.agreements[:MAX_LISTED],
    ]


def united(present: list[RelatedParty] | None, more: list[RelatedParty]) -> list[RelatedParty]:
    """Both, each id and role once; at most `MAX_LISTED` of a role are named."""
    by_key = {(one.id, one.role): one for one in [*(present or []), *more]}
    counts: dict[str | None, int] = {}
    kept = []
    for one in by_key.values():
        counts[one.role] = counts.get(one.role, 0) + 1
        if counts[one.role] <= MAX_LISTED:
            kept.append(one)
    return kept
