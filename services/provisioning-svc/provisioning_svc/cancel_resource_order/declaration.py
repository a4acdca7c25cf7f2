"""The task as it is stored and read over HTTP."""

from dualbus_events.contract.resource_order import CANCEL_RESOURCE_ORDER as TOPIC
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables


class CancelResourceOrderNotFound(NotFound):
    code = "cancelResourceOrderNotFound"
    reason = "There is no such cancellation"


CANCEL_RESOURCE_ORDER = declare_defined(
    TOPIC,
    table=tables.cancel_resource_order,
    machine=state_machines.CANCEL_RESOURCE_ORDER,
    operations={"read"},
    not_found=CancelResourceOrderNotFound,
)
