"""Where the time went: from accepted to complete in the ODS, and hop by hop. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dualbus_cli.demo.channels import TakenOrder
from dualbus_cli.demo.following import AppliedOrder
from dualbus_cli.demo.ods_reading import Step

_POST: Final = "POST sent → 201"
_COMPLETED: Final = "last answer → order completed"
_APPLIED: Final = "order completed → applied in the ODS"
# The hops between two tasks: the answer of one to the sending of the next.
_NEXT: Final = (
    ("customer.verify", "billing.open"),
    ("billing.open", "provisioning.activate"),
    ("provisioning.activate", "billing.start"),
)


@dataclass(frozen=True)
class Times:
    """Milliseconds at two quantiles, of so many measurements."""

    p50: float
    p99: float
    count: int

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Times":
        ordered = sorted(milliseconds)
        if not ordered:
            return cls(0, 0, 0)
        return cls(_quantile(ordered, 0.5), _quantile(ordered, 0.99), len(ordered))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: the smallest value that at least this share is not above."""
    return round(ordered[max(0, -int(-len(ordered) * share // 1) - 1)], 1)


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000


def completion(orders: Sequence[TakenOrder], applied: Mapping[str, AppliedOrder]) -> Times:
    """From a channel's 201 to the completed order's commit in the ODS."""
    return Times.of(
        [
            _ms(order.accepted_at, applied[order.id].applied_at)
            for order in orders
            if order.id in applied and applied[order.id].state == "completed"
        ]
    )


def hops(
    orders: Sequence[TakenOrder], applied: Mapping[str, AppliedOrder], track: Sequence[Step]
) -> dict[str, Times]:
    """Every hop of the completed orders, in the order in which they happen."""
    by_order = defaultdict(list)
    for step in track:
        by_order[step.order_id].append(step)
    measured: dict[str, list[float]] = {name: [] for name in _names()}
    for order in orders:
        end = applied.get(order.id)
        if end is not None and end.state == "completed" and by_order[order.id]:
            for name, milliseconds in _hops_of(order, end, by_order[order.id]):
                measured.setdefault(name, []).append(milliseconds)
    return {name: Times.of(found) for name, found in measured.items() if found}


def _names() -> Iterator[str]:
    """The order of the table; tasks that no plan here had before are put at its end."""
    yield _POST
    for one, other in _NEXT:
        yield f"{one}: sent → answered"
        yield f"{one} answered → {other} sent"
    for last in ("billing.start", "assurance.watch", "vas.subscribe"):
        yield f"{last}: sent → answered"
    yield _COMPLETED
    yield _APPLIED


def _hops_of(
    order: TakenOrder, end: AppliedOrder, steps: Sequence[Step]
) -> Iterator[tuple[str, float]]:
    yield _POST, order.post_seconds * 1000
    answered: dict[str, datetime] = {}
    sent: dict[str, datetime] = {}
    for step in steps:
        if step.sent_at is None or step.answered_at is None:
            continue
        yield f"{step.type}: sent → answered", _ms(step.sent_at, step.answered_at)
        # Items go side by side; the first of each kind shows the hop between two kinds.
        sent[step.type] = min(sent.get(step.type, step.sent_at), step.sent_at)
        answered[step.type] = min(answered.get(step.type, step.answered_at), step.answered_at)
    for one, other in _NEXT:
        if one in answered and other in sent:
            yield f"{one} answered → {other} sent", _ms(answered[one], sent[other])
    last = max(step.answered_at for step in steps if step.answered_at is not None)
    yield _COMPLETED, _ms(last, end.event_time)
    yield _APPLIED, _ms(end.event_time, end.applied_at)
