"""The states of a service level agreement, as data."""

from dualbus_tmf.states import StateMachine

AGREEMENT_STATE = StateMachine(
    "ServiceLevelAgreement",
    initial={"active"},
    moves={"active": {"terminated"}, "terminated": {"active"}},
)
"""Ours: TMF657 v4 has no such resource. It comes back when the task that ended it is undone."""
