"""An alarm: raised by a network system, changed by it, cleared once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from dualbus_events.contract.assurance import (
    ALARM,
    AlarmAttributeValueChangeEvent,
    AlarmCreateEvent,
    AlarmDeleteEvent,
    AlarmStateChangeEvent,
)
from dualbus_events.contract.assurance import Alarm as AlarmDocument
from dualbus_events.document import Reference
from dualbus_events.facts import EventType
from dualbus_kit.clock import utc_now
from dualbus_tmf import state_machines
from dualbus_tmf.declaration import Declaration, DeclaredAggregate, StateRule, new_document
from dualbus_tmf.hrefs import Addressed

from assurance_svc.alarm.errors import AlarmStillOpen
from assurance_svc.alarm.impact import MAX_LISTED, Impact
from assurance_svc.extensions import extensions
from assurance_svc.parties import only_customer

ALARM_PATH = "/tmf-api/alarm/v4/alarm"
_CLEARED = "cleared"
_TICKET = "troubleTicket"

ALARM_DECLARATION = Declaration(
    topic=ALARM,
    create=AlarmCreateEvent,
    change=AlarmAttributeValueChangeEvent,
    delete=AlarmDeleteEvent,
    path=ALARM_PATH,
    state=StateRule("state", state_machines.ALARM, AlarmStateChangeEvent),
    required=[
        "alarmRaisedTime",
        "alarmType",
        "alarmedObject",
        "perceivedSeverity",
        "probableCause",
        "sourceSystemId",
        "state",
    ],
    defaults={},
    touched="alarmChangedTime",
    unpatchable=frozenset(
        {"alarmRaisedTime", "alarmedObject", "sourceSystemId", "affectedService"}
        | {"serviceAffecting", "relatedParty", _TICKET}
    ),
    client_ids=False,
    check=lambda _: None,
)


def alarm_document(body: Mapping[str, Any], addressed: Addressed) -> AlarmDocument:
    """The document a POST creates; raises what `new_document` does.

    TMF642's kit posts an `alarmedObject` that says nothing: such an alarm is about the system that
    reports it.
    """
    alarmed, source = body.get("alarmedObject"), body.get("sourceSystemId")
    if isinstance(alarmed, dict) and alarmed.get("id") is None:
        body = {**body, "alarmedObject": {**alarmed, "id": source}}
    return cast(AlarmDocument, new_document(ALARM_DECLARATION, body, addressed))


class Alarm(DeclaredAggregate):
    """TMF642 Alarm, with what it hits and the ticket it led to."""

    document: AlarmDocument
    document_type = AlarmDocument
    declaration = ALARM_DECLARATION

    @property
    def customer_id(self) -> str | None:
        return only_customer(self.document.related_party)

    @property
    def cleared(self) -> bool:
        return self.document.state == _CLEARED

    @property
    def resource_id(self) -> str:
        return self.document.alarmed_object.id

    @property
    def reference(self) -> Reference:
        body = {"id": self.id, "href": self.document.href, "@referredType": "Alarm"}
        return Reference.model_validate(body)

    @property
    def ticket_id(self) -> str | None:
        """The trouble ticket it opened or joined; None when it hit nobody."""
        ticket = extensions(self.document).get(_TICKET)
        return str(ticket["id"]) if isinstance(ticket, dict) else None

    def raise_on(self, impact: Impact, *, ticket: Reference | None) -> None:
        """Come into being, with what it hits at this moment."""
        self.document.affected_service = impact.services[:MAX_LISTED] or None
        self.document.related_party = impact.customers[:MAX_LISTED] or None
        self.document.service_affecting = bool(impact.services)
        if ticket is not None:
            extensions(self.document)[_TICKET] = ticket.to_dict()
        self.record(AlarmCreateEvent)

    def patch(self, patch: Mapping[str, Any]) -> None:
        """Change as the network system says; severity `cleared` clears it too (X.733, 8.1.2.3)."""
        if patch.get("perceivedSeverity") == _CLEARED and not self.cleared:
            patch = {**patch, "state": _CLEARED}
        super().patch(patch)

    def mark(self, ack_state: str, *, user_id: str, system_id: str) -> bool:
        """Note who acknowledged it, or took that back; False when it is so already."""
        if (self.document.ack_state or "unacknowledged") == ack_state:
            return False
        self.document.ack_state = ack_state
        self.document.ack_user_id, self.document.ack_system_id = user_id, system_id
        self._change()
        return True

    def clear(self, *, user_id: str, system_id: str, at: datetime) -> bool:
        """Over since `at`, as someone says; False when it is cleared already."""
        if self.cleared:
            return False
        state_machines.ALARM.check(self.document.state, _CLEARED, resource_id=self.id)
        self.document.state, self.document.alarm_cleared_time = _CLEARED, at
        self.document.clear_user_id, self.document.clear_system_id = user_id, system_id
        self._change(AlarmStateChangeEvent)
        return True

    def comment_on(self, comment: Mapping[str, Any]) -> None:
        """Keep a TMF642 Comment after those there are."""
        self.document.comment = [*(self.document.comment or []), dict(comment)]
        self._change()

    def put_under(self, parent: "Alarm") -> bool:
        """Name its parent; False when it does already."""
        parents = self.document.parent_alarm or []
        if parent.id in {one.id for one in parents}:
            return False
        self.document.parent_alarm = [*parents, parent.reference]
        self._change()
        return True

    def take_from_under(self, parent: "Alarm") -> bool:
        """Name it no more; False when it was not its parent."""
        parents = self.document.parent_alarm or []
        kept = [one for one in parents if one.id != parent.id]
        if len(kept) == len(parents):
            return False
        self.document.parent_alarm = kept or None
        self._change()
        return True

    def take_in(self, children: Sequence["Alarm"]) -> None:
        """Name those that were put under it."""
        if children:
            self._correlate([child.reference for child in children], besides=children)

    def let_go(self, children: Sequence["Alarm"]) -> None:
        """Name those no more that were taken from under it."""
        if children:
            self._correlate([], besides=children)

    def _correlate(self, more: list[Reference], *, besides: Sequence["Alarm"]) -> None:
        named_anew = {alarm.id for alarm in besides}
        kept = [o for o in self.document.correlated_alarm or [] if o.id not in named_anew]
        self.document.correlated_alarm = [*kept, *more] or None
        self._change()

    def _change(self, event_type: EventType[Any] = AlarmAttributeValueChangeEvent) -> None:
        self.document.alarm_changed_time = utc_now()
        self.record(event_type)

    def record(self, event_type: EventType[Any]) -> None:
        """A cleared alarm says since when."""
        if self.cleared and self.document.alarm_cleared_time is None:
            self.document.alarm_cleared_time = utc_now()
        super().record(event_type)

    def delete(self) -> None:
        """Only what is over may be forgotten. Raises AlarmStillOpen."""
        if not self.cleared:
            raise AlarmStillOpen(f"Alarm {self.id} is {self.document.state}, not {_CLEARED}")
        self.record(AlarmDeleteEvent)
