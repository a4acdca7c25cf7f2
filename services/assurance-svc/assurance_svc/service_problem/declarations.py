"""TMF656 serviceProblem."""

from dualbus_events.contract.service_problem import SERVICE_PROBLEM
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from assurance_svc import tables


class ServiceProblemNotFound(NotFound):
    code = "serviceProblemNotFound"
    reason = "The service problem does not exist"


SERVICE_PROBLEM_RESOURCE = declare_defined(
    SERVICE_PROBLEM,
    table=tables.service_problem,
    machine=state_machines.SERVICE_PROBLEM,
    unpatchable=frozenset(("creationDate", "lastUpdate", "statusChangeDate")),
    not_found=ServiceProblemNotFound,
)
