"""TMF699 sales leads."""

from dualbus_events.contract.customer import SALES_LEAD
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.states import StateMachine

from customer_svc import tables

SALES_LEAD_STATUS = StateMachine(
    "SalesLead",
    initial={"acknowledged"},
    moves={
        "acknowledged": {"inProgress", "rejected", "cancelled"},
        "inProgress": {"pending", "accepted", "rejected", "cancelled"},
        "pending": {"inProgress", "cancelled"},
    },
)
"""TMF699 v4 lists the states; the moves are our reading of them. An accepted lead is a sale."""

SALES_LEAD_RESOURCE = declare_defined(
    SALES_LEAD, table=tables.sales_lead, machine=SALES_LEAD_STATUS
)
