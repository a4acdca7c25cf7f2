"""TMF635 usage records, each taken once, and what records of one kind say."""

from dualbus_events.contract.billing import USAGE, USAGE_SPECIFICATION
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.states import StateMachine

from billing_svc import tables

USAGE_STATUS = StateMachine(
    "Usage",
    initial={"received"},
    moves={
        "received": {"guided", "rejected"},
        "guided": {"rated", "rejected"},
        "rated": {"rerated", "billed"},
        "rerated": {"rated"},
        "rejected": {"recycled"},
        "recycled": {"guided", "rejected"},
    },
)
"""TMF635 v4, state diagram."""

USAGE_RESOURCE = declare_defined(
    USAGE,
    table=tables.usage,
    machine=USAGE_STATUS,
    # Mediation numbers its records: one that is sent again is refused, not counted twice.
    client_ids=True,
)
USAGE_SPECIFICATION_RESOURCE = declare_defined(
    USAGE_SPECIFICATION, table=tables.usage_specification
)

ROUTERS = [USAGE_RESOURCE.router, USAGE_SPECIFICATION_RESOURCE.router]
