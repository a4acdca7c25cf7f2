"""TMF656 serviceProblem."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.service_problem import SERVICE_PROBLEM
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from assurance_svc import tables


class ServiceProblemNotFound(NotFound):
    code = "serviceProblemNotFound"
    reason = "The service problem does not exist"


def _known_of(problem: Mapping[str, Any]) -> Mapping[str, object]:
    """Whoever tells of a problem is responsible for it until someone else is named."""
    services = problem.get("affectedService")
    return {
        "affectedNumberOfServices": len(services) if isinstance(services, list) else 0,
        "responsibleParty": problem.get("originatorParty"),
    }


SERVICE_PROBLEM_RESOURCE = declare_defined(
    SERVICE_PROBLEM,
    table=tables.service_problem,
    machine=state_machines.SERVICE_PROBLEM,
    derive=_known_of,
    unpatchable=frozenset(("creationDate", "lastUpdate", "statusChangeDate")),
    not_found=ServiceProblemNotFound,
)
