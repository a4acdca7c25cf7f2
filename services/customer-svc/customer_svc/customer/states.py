"""The states of a customer, as data."""

from dualbus_tmf.states import StateMachine

CUSTOMER_STATUS = StateMachine(
    "Customer",
    initial={"Approved", "prospective", "active"},
    moves={
        "Approved": {"active", "closed"},
        "prospective": {"active", "closed"},
        "active": {"suspended", "closed"},
        "suspended": {"active", "closed"},
    },
)
"""Ours: TMF629 v4 leaves `status` a free text. `Approved` is the one its examples use; like
`prospective` it stands for someone who is known and may not order yet."""

ACTIVE = "active"
"""The status of a new customer, and the only one that may order."""
