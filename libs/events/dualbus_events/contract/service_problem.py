"""Facts of assurance-svc's TMF656: problems of services, and the tasks on them."""

from typing import Any

from dualbus_events.document import Document, Moment, Reference, RelatedParty
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF656")
class ServiceProblem(Document):
    """TMF656 ServiceProblem."""

    status: str
    resolution_date: Moment | None = None
    parent_problem: list[Reference] | None = None
    underlying_problem: list[Reference] | None = None
    tracking_record: list[dict[str, Any]] | None = None
    related_party: list[RelatedParty] | None = None


@defined("TMF656")
class ProblemAcknowledgement(Document):
    """TMF656 ProblemAcknowledgement; `ackProblem` are those that bear its record."""

    problem: list[Reference]
    ack_problem: list[Reference] | None = None
    tracking_record: dict[str, Any] | None = None


@defined("TMF656")
class ProblemUnacknowledgement(Document):
    """TMF656 ProblemUnacknowledgement; `unackProblem` are those that bear its record."""

    problem: list[Reference]
    unack_problem: list[Reference] | None = None
    tracking_record: dict[str, Any] | None = None


@defined("TMF656")
class ProblemGroup(Document):
    """TMF656 ProblemGroup: children put under a parent."""

    parent_problem: Reference
    child_problem: list[Reference]


@defined("TMF656")
class ProblemUngroup(Document):
    """TMF656 ProblemUngroup: children taken from under a parent."""

    parent_problem: Reference
    child_problem: list[Reference]


SERVICE_PROBLEM = defined_topic("assurance", ServiceProblem)
PROBLEM_ACKNOWLEDGEMENT = defined_topic("assurance", ProblemAcknowledgement)
PROBLEM_UNACKNOWLEDGEMENT = defined_topic("assurance", ProblemUnacknowledgement)
PROBLEM_GROUP = defined_topic("assurance", ProblemGroup)
PROBLEM_UNGROUP = defined_topic("assurance", ProblemUngroup)
