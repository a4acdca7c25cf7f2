"""TMF683 party interactions: a record of what was said, so any status may come at once."""

from dualbus_events.contract.customer import PARTY_INTERACTION
from dualbus_kit.clock import timestamp_now
from dualbus_tmf.defined_resource import declare_defined

from customer_svc import tables


def _since_now() -> dict[str, str]:
    return {"startDateTime": timestamp_now()}


PARTY_INTERACTION_RESOURCE = declare_defined(
    PARTY_INTERACTION,
    table=tables.party_interaction,
    # The conformance kit posts neither, and the definition wants both.
    defaults={"status": "opened", "interactionDate": _since_now},
)
