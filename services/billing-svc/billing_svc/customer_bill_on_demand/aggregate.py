"""A request for a bill, and what came of it."""

from collections.abc import Sequence

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.billing import CustomerBillOnDemand as CustomerBillOnDemandDocument
from dualbus_events.contract.billing import (
    CustomerBillOnDemandCreateEvent,
    CustomerBillOnDemandStateChangeEvent,
)
from dualbus_events.document import Reference, RelatedParty
from dualbus_kit.clock import timestamp_now
from dualbus_tmf.states import StateMachine

ON_DEMAND_STATE = StateMachine(
    "CustomerBillOnDemand",
    initial={"inProgress"},
    moves={"inProgress": {"done", "rejected", "terminatedWithError"}},
)
"""TMF678 v4 lists the states; the moves are our reading of them. Ours ends within its POST."""


class CustomerBillOnDemand(Aggregate[CustomerBillOnDemandDocument]):
    """For one account, or for all those of a customer."""

    document_type = CustomerBillOnDemandDocument

    @classmethod
    def accept(cls, document: CustomerBillOnDemandDocument) -> "CustomerBillOnDemand":
        """In progress, whatever the client says its state and its bill are."""
        document.state = "inProgress"
        document.customer_bill = None
        document.last_update = timestamp_now()
        request = cls(document)
        request.record(CustomerBillOnDemandCreateEvent)
        return request

    @property
    def customer_id(self) -> str | None:
        party = self.document.related_party
        return party.id if party and (party.role or "").casefold() == "customer" else None

    def is_for(self, customer: RelatedParty | None) -> None:
        """Whose account it turned out to be, where the request named nobody."""
        self.document.related_party = self.document.related_party or customer

    def finish(self, bills: Sequence[Reference]) -> None:
        """The bills that were made, at least one: an account has one per currency."""
        self.document.customer_bill = bills[0]
        self.document.further_customer_bill = list(bills[1:]) or None
        self._move_to("done")

    def reject(self, reason: str) -> None:
        """No bill was made; `stateReason` says why."""
        self.document.state_reason = reason
        self._move_to("rejected")

    def _move_to(self, state: str) -> None:
        ON_DEMAND_STATE.check(str(self.document.state), state, resource_id=self.id)
        self.document.state = state
        self.document.last_update = timestamp_now()
        self.record(CustomerBillOnDemandStateChangeEvent)
