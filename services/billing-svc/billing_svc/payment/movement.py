"""Money in or out: pending, then done, or failed with a reason."""

from typing import Any, ClassVar, Self, TypeVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.payment import MoneyMovement
from dualbus_events.document import Money, Reference, customer_of
from dualbus_events.facts import EventType
from dualbus_kit.clock import utc_now
from dualbus_tmf.states import StateMachine

from billing_svc.money import LARGEST, cents

M = TypeVar("M", bound=MoneyMovement)

PENDING = "acknowledged"
DONE = "done"
FAILED = "failed"


def status_machine(name: str) -> StateMachine:
    """Ours: TMF676 v4 leaves `status` a free string."""
    return StateMachine(name, initial={PENDING}, moves={PENDING: {DONE, FAILED}})


class Movement(Aggregate[M]):
    """Subclasses say which events tell of it."""

    document_type: ClassVar[type[MoneyMovement]]
    machine: ClassVar[StateMachine]
    create_event: ClassVar[EventType[Any]]
    state_event: ClassVar[EventType[Any]]

    @classmethod
    def accept(cls, document: M) -> Self:
        """Pending, whatever the client says its status is."""
        document.status = PENDING
        document.status_date = utc_now()
        document.status_reason = None
        movement = cls(document)
        movement.record(cls.create_event)
        return movement

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def reference(self) -> Reference:
        document = self.document
        return Reference(id=document.id, href=document.href, referred_type=self.machine.name)

    @property
    def pending(self) -> bool:
        return self.document.status == PENDING

    @property
    def account_id(self) -> str:
        return self.document.account.id

    @property
    def amount(self) -> Money:
        return self.document.total_amount

    @property
    def unit(self) -> str:
        return self.amount.unit

    def flaw(self) -> str | None:
        """Why this is no amount to move, in words; None when nothing is wrong with it."""
        amount = self.amount.value
        if amount <= 0:
            return f"{amount} is not a positive amount"
        if amount != cents(amount):
            return f"{amount} is not in whole cents"
        if amount >= LARGEST:
            return f"{amount} is not below {LARGEST}"
        return None

    def fail(self, reason: str) -> None:
        """No money moved; `statusReason` says why."""
        self._move_to(FAILED)
        self.document.status_reason = reason
        self.record(self.state_event)

    def _move_to(self, status: str) -> None:
        self.machine.check(str(self.document.status), status, resource_id=self.id)
        self.document.status = status
        self.document.status_date = utc_now()
