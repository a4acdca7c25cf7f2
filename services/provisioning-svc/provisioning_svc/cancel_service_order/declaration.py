"""The task as it is stored and read over HTTP."""

from dualbus_events.contract.provisioning import CANCEL_SERVICE_ORDER as TOPIC
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables


class CancelServiceOrderNotFound(NotFound):
    code = "cancelServiceOrderNotFound"
    reason = "There is no such cancellation"


CANCEL_SERVICE_ORDER = declare_defined(
    TOPIC,
    table=tables.cancel_service_order,
    machine=state_machines.CANCEL_SERVICE_ORDER,
    operations={"read"},
    not_found=CancelServiceOrderNotFound,
)
