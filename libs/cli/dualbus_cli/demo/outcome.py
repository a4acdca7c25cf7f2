"""What came of the run, and everything that is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dualbus_cli.demo.bills import BillCheck
from dualbus_cli.demo.channels import TakenOrder
from dualbus_cli.demo.event_audit import Audit
from dualbus_cli.demo.following import AppliedOrder
from dualbus_cli.demo.order_plan import Fate
from dualbus_cli.demo.timing import Times

STATE_OF_FATE: Mapping[Fate, str] = {
    "completed": "completed",
    "fallout": "held",
    "cancelled": "cancelled",
}


@dataclass(frozen=True)
class Fallout:
    """An order that waits for a person, and why."""

    order_id: str
    customer_id: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """Everything the demo measured and compared."""

    run: str
    period: str
    orders: Sequence[TakenOrder]
    applied: Mapping[str, AppliedOrder]
    complete: Times
    hops: Mapping[str, Times]
    file_bills: BillCheck
    other_bills: BillCheck
    audit: Audit
    fallout: Sequence[Fallout]
    inventory: Mapping[tuple[str, str, str], int]
    """(customer, resource, state) → how many the ODS shows."""
    network: Counter[str]
    """Customer → activations the network element has."""

    def state_of(self, order: TakenOrder) -> str:
        applied = self.applied.get(order.id)
        return applied.state if applied else "not in the ODS"

    def by_state(self) -> Counter[str]:
        return Counter(self.state_of(order) for order in self.orders)

    def figures(self) -> dict[str, Any]:
        """What `.local/demo.json` holds."""
        states = self.by_state()
        return {
            "run": self.run,
            "period": self.period,
            "orders_taken": len(self.orders),
            "orders_completed": states["completed"],
            "orders_fallout": len(self.fallout),
            "orders_cancelled": states["cancelled"],
            "lost": self.audit.total("lost"),
            "doubled": self.audit.total("doubled"),
            "complete_ms": {"p50": self.complete.p50, "p99": self.complete.p99},
            "bills": self.file_bills.bills,
            "bills_total": float(self.file_bills.total),
            "bills_expected": float(self.file_bills.expected),
            "other_bills": self.other_bills.bills,
            "other_bills_total": float(self.other_bills.total),
            "other_bills_expected": float(self.other_bills.expected),
            "events_committed": self.audit.total("committed"),
            "subscriber_events": self.audit.total("subscriber"),
            "ods_events": self.audit.total("ods"),
        }

    def wrong(self) -> list[str]:
        """A sentence for everything that is not as it must be; empty when all is right."""
        return [
            *self._wrong_orders(),
            *self._wrong_bills("file", self.file_bills),
            *self._wrong_bills("other orders", self.other_bills),
            *self._wrong_events(),
            *self._wrong_inventory(),
        ]

    def _wrong_orders(self) -> Iterator[str]:
        for order in self.orders:
            wanted, state = STATE_OF_FATE[order.plan.fate], self.state_of(order)
            if state != wanted:
                yield f"order {order.id} of {order.plan.customer_id} is {state}, not {wanted}"
        in_fallout = {one.order_id for one in self.fallout}
        wanted_there = {order.id for order in self.orders if order.plan.fate == "fallout"}
        for order_id in sorted(in_fallout ^ wanted_there):
            yield f"order {order_id}: {'' if order_id in in_fallout else 'not '}in fallout"

    @staticmethod
    def _wrong_bills(group: str, check: BillCheck) -> Iterator[str]:
        for customer, billed, expected in check.wrong:
            yield f"bill of {customer} ({group}): {billed}, not {expected}"
        if check.total != check.expected:
            yield f"bills of the {group}: {check.total}, not {check.expected}"

    def _wrong_events(self) -> Iterator[str]:
        for topic, count in self.audit.by_topic.items():
            for what in ("lost", "doubled", "phantom"):
                if getattr(count, what):
                    yield f"{topic}: {getattr(count, what)} events {what}"
        if self.audit.total("committed") != self.audit.total("subscriber"):
            yield "the subscriber did not see exactly the committed events"

    def _wrong_inventory(self) -> Iterator[str]:
        """What completed is there as often as ordered; of what did not, nothing is left in use."""
        for order in self.orders:
            customer = order.plan.customer_id
            wanted = order.plan.items if order.plan.fate == "completed" else 0
            for resource in ("product", "service", "charge"):
                found = self.inventory.get((customer, resource, "active"), 0)
                if found != wanted:
                    yield f"{customer}: {found} active of {resource}, not {wanted}"
            if self.network[customer] != wanted:
                yield f"{customer}: {self.network[customer]} in the network, not {wanted}"
            if order.plan.fate == "cancelled":
                yield from self._kept(customer)

    def _kept(self, customer: str) -> Iterator[str]:
        for (owner, resource, state), count in self.inventory.items():
            if owner == customer and (resource, state) in _IN_USE:
                yield f"{customer}: cancelled, but {count} {resource} still {state}"


_IN_USE = frozenset(
    {("resource", "reserved"), ("resource", "assigned"), ("billingAccount", "active")}
)
