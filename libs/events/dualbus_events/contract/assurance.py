"""Facts that assurance-svc owns: TMF657 service levels, TMF642 alarms, TMF621 trouble tickets."""

from datetime import timedelta
from typing import Any

from dualbus_events.document import (
    Document,
    Moment,
    Note,
    Reference,
    RelatedParty,
    TimePeriod,
    WireModel,
)
from dualbus_events.facts import REFERENCE_PARTITIONS, FactTopic
from dualbus_events.tmforum.documents import defined


@defined("TMF657")
class ServiceLevelSpecification(Document):
    """TMF657 ServiceLevelSpecification: a set of objectives that an offering promises."""

    name: str
    description: str | None = None
    related_service_level_objective: list[dict[str, Any]]
    valid_for: TimePeriod | None = None


@defined("TMF657")
class ServiceLevelObjective(Document):
    """TMF657 ServiceLevelObjective: a target that a parameter must meet."""

    name: str | None = None
    conformance_target: str
    conformance_comparator: str
    service_level_objective_parameter: dict[str, Any]


class ServiceLevelAgreement(Document):
    """What was promised for one service: a TMF657 specification in force on it."""

    name: str
    state: str
    service: Reference
    product: Reference | None = None
    service_level_specification: Reference
    agreement_period: TimePeriod
    supporting_resource: list[Reference] | None = None
    related_party: list[RelatedParty]


@defined("TMF642")
class Alarm(Document):
    """TMF642 Alarm."""

    state: str
    alarm_type: str
    perceived_severity: str
    probable_cause: str
    alarm_raised_time: Moment
    source_system_id: str
    alarmed_object: Reference
    alarm_cleared_time: Moment | None = None
    alarm_changed_time: Moment | None = None
    ack_state: str | None = None
    ack_system_id: str | None = None
    ack_user_id: str | None = None
    clear_system_id: str | None = None
    clear_user_id: str | None = None
    service_affecting: bool | None = None
    affected_service: list[Reference] | None = None
    comment: list[dict[str, Any]] | None = None
    correlated_alarm: list[Reference] | None = None
    parent_alarm: list[Reference] | None = None
    related_party: list[RelatedParty] | None = None


class ResolutionClock(WireModel):
    """Ours: how much of the time that was promised to resolve a ticket is spent.

    `target` and `elapsed` are durations (ISO 8601, `PT4H`). `elapsed` is what was spent at `since`,
    the clock's last start or stop; while `state` is `running`, the time since then comes on top.
    """

    state: str
    target: timedelta
    elapsed: timedelta
    since: Moment
    breached_at: Moment | None = None
    service_level_agreement: Reference
    service_level_objective: Reference


@defined("TMF621")
class TroubleTicket(Document):
    """TMF621 TroubleTicket."""

    name: str | None = None
    description: str
    severity: str
    ticket_type: str
    status: str
    creation_date: Moment
    last_update: Moment | None = None
    expected_resolution_date: Moment | None = None
    resolution_date: Moment | None = None
    resolution_clock: ResolutionClock | None = None
    status_change_date: Moment | None = None
    status_change_reason: str | None = None
    status_change: list[dict[str, Any]] | None = None
    external_id: str | None = None
    channel: dict[str, Any] | None = None
    note: list[Note] | None = None
    related_entity: list[RelatedParty] | None = None
    related_party: list[RelatedParty] | None = None


SERVICE_LEVEL_SPECIFICATION = FactTopic(
    "assurance.service-level-specification.v1",
    "assurance",
    "serviceLevelSpecification",
    ServiceLevelSpecification,
    partitions=REFERENCE_PARTITIONS,
)
ServiceLevelSpecificationCreateEvent = SERVICE_LEVEL_SPECIFICATION.event(
    "ServiceLevelSpecificationCreateEvent"
)
ServiceLevelSpecificationAttributeValueChangeEvent = SERVICE_LEVEL_SPECIFICATION.event(
    "ServiceLevelSpecificationAttributeValueChangeEvent"
)
ServiceLevelSpecificationDeleteEvent = SERVICE_LEVEL_SPECIFICATION.event(
    "ServiceLevelSpecificationDeleteEvent"
)

SERVICE_LEVEL_OBJECTIVE = FactTopic(
    "assurance.service-level-objective.v1",
    "assurance",
    "serviceLevelObjective",
    ServiceLevelObjective,
    partitions=REFERENCE_PARTITIONS,
)
ServiceLevelObjectiveCreateEvent = SERVICE_LEVEL_OBJECTIVE.event("ServiceLevelObjectiveCreateEvent")
ServiceLevelObjectiveAttributeValueChangeEvent = SERVICE_LEVEL_OBJECTIVE.event(
    "ServiceLevelObjectiveAttributeValueChangeEvent"
)
ServiceLevelObjectiveDeleteEvent = SERVICE_LEVEL_OBJECTIVE.event("ServiceLevelObjectiveDeleteEvent")

SERVICE_LEVEL_AGREEMENT = FactTopic(
    "assurance.service-level-agreement.v1",
    "assurance",
    "serviceLevelAgreement",
    ServiceLevelAgreement,
)
ServiceLevelAgreementCreateEvent = SERVICE_LEVEL_AGREEMENT.event("ServiceLevelAgreementCreateEvent")
ServiceLevelAgreementStateChangeEvent = SERVICE_LEVEL_AGREEMENT.event(
    "ServiceLevelAgreementStateChangeEvent"
)

ALARM = FactTopic("assurance.alarm.v1", "assurance", "alarm", Alarm)
AlarmCreateEvent = ALARM.event("AlarmCreateEvent")
AlarmStateChangeEvent = ALARM.event("AlarmStateChangeEvent")
AlarmAttributeValueChangeEvent = ALARM.event("AlarmAttributeValueChangeEvent")
AlarmDeleteEvent = ALARM.event("AlarmDeleteEvent")

TROUBLE_TICKET = FactTopic(
    "assurance.trouble-ticket.v1", "assurance", "troubleTicket", TroubleTicket
)
TroubleTicketCreateEvent = TROUBLE_TICKET.event("TroubleTicketCreateEvent")
TroubleTicketStatusChangeEvent = TROUBLE_TICKET.event("TroubleTicketStatusChangeEvent")
TroubleTicketResolvedEvent = TROUBLE_TICKET.event("TroubleTicketResolvedEvent")
TroubleTicketServiceLevelBreachEvent = TROUBLE_TICKET.event("TroubleTicketServiceLevelBreachEvent")
TroubleTicketAttributeValueChangeEvent = TROUBLE_TICKET.event(
    "TroubleTicketAttributeValueChangeEvent"
)
TroubleTicketDeleteEvent = TROUBLE_TICKET.event("TroubleTicketDeleteEvent")
