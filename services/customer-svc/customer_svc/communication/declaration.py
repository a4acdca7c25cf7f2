"""TMF681 communicationMessage as declared; creating and cancelling have rules of their own."""

from dualbus_events.contract.customer import COMMUNICATION_MESSAGE
from dualbus_tmf.defined_resource import declare_defined

from customer_svc import tables
from customer_svc.communication.aggregate import MESSAGE_STATE

MESSAGE_RESOURCE = declare_defined(
    COMMUNICATION_MESSAGE,
    table=tables.communication_message,
    machine=MESSAGE_STATE,
    operations={"read"},
)
