"""`billing.start`, `billing.stop`: what a product's activation and end mean for its charges."""

from collections.abc import Sequence
from datetime import datetime

from dualbus_events.contract.order import ProductOrderItem
from dualbus_events.document import (
    Moment,
    Reference,
    RelatedParty,
    WireModel,
    party_in_role,
)
from dualbus_events.participants import forestall_tasks
from dualbus_events.tasks import Task, TaskOutcome, done
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now
from pydantic import Field, model_validator

from billing_svc.charge.aggregate import Charge
from billing_svc.charge.use_cases import (
    ChargeEnd,
    ChargeStart,
    resume_charges,
    start_charges,
    stop_charges,
    void_charges,
)
from billing_svc.participant import HANDLERS, ReadTasks


class _Result(WireModel):
    """What an earlier task of the plan answered, as far as billing cares."""

    billing_account: Reference | None = None
    activated_at: Moment | None = None
    ceased_at: Moment | None = None


class _ItemPayload(WireModel):
    product_order: Reference
    customer_id: str | None = None
    related_party: list[RelatedParty] | None = None
    item: ProductOrderItem
    product_offering: Reference | None = None
    results: dict[str, _Result] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_product(self) -> "_ItemPayload":
        if self.item.product is None or self.item.product.id is None:
            raise ValueError("item.product.id is missing")
        if not (self.customer_id or party_in_role(self.related_party, "customer")):
            raise ValueError("nobody is the customer")
        return self

    @property
    def customer(self) -> RelatedParty:
        party = party_in_role(self.related_party, "customer")
        if party and self.customer_id in (None, party.id):
            return party
        return RelatedParty(id=self.customer_id or "", role="customer", referred_type="Customer")

    @property
    def product(self) -> Reference:
        product = self.item.product
        assert product is not None  # noqa: S101 - checked by _has_product
        offering = self.product_offering or self.item.product_offering
        name = product.name or (offering.name if offering else None)
        return Reference(id=str(product.id), href=product.href, name=name, referred_type="Product")

    @property
    def account(self) -> Reference | None:
        """The account that an earlier task of the plan opened or found."""
        found = (result.billing_account for result in self.results.values())
        return next((account for account in found if account), None)

    @property
    def activated_at(self) -> datetime:
        """When provisioning activated the product; now, for a plan that activates nothing."""
        moments = [r.activated_at for r in self.results.values() if r.activated_at]
        return max(moments) if moments else utc_now()

    @property
    def ceased_at(self) -> datetime:
        moments = [r.ceased_at for r in self.results.values() if r.ceased_at]
        return max(moments) if moments else utc_now()


class _UndoPayload(_ItemPayload):
    undoes: str


@HANDLERS.on_task("billing.start")
async def charges_to_start(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    readable = ReadTasks(tasks, _ItemPayload)
    starts = [_start(task, payload) for task, payload in readable]
    return readable.answered(await start_charges(uow, starts), _started)


@HANDLERS.on_task("billing.start.undo")
async def starts_undone(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    readable = ReadTasks(tasks, _UndoPayload)
    await forestall_tasks(uow, [task for task, _ in readable])
    await void_charges(uow, [_end(task, payload) for task, payload in readable])
    return readable.answered([done()] * len(readable), _as_it_is)


@HANDLERS.on_task("billing.stop")
async def charges_to_stop(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    readable = ReadTasks(tasks, _ItemPayload)
    await stop_charges(uow, [_end(task, payload) for task, payload in readable])
    return readable.answered([done()] * len(readable), _as_it_is)


@HANDLERS.on_task("billing.stop.undo")
async def stops_undone(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    readable = ReadTasks(tasks, _UndoPayload)
    await forestall_tasks(uow, [task for task, _ in readable])
    await resume_charges(uow, [_end(task, payload) for task, payload in readable])
    return readable.answered([done()] * len(readable), _as_it_is)


def _start(task: Task, payload: _ItemPayload) -> ChargeStart:
    item, order = payload.item, payload.product_order
    return ChargeStart(
        product=payload.product,
        prices=item.item_price or [],
        quantity=item.quantity or 1,
        start=payload.activated_at,
        customer=payload.customer,
        account=payload.account,
        named_account_id=item.billing_account.id if item.billing_account else None,
        order=Reference(id=order.id, href=order.href, referred_type="ProductOrder"),
        cause=task.cause,
    )


def _end(task: Task, payload: _ItemPayload) -> ChargeEnd:
    return ChargeEnd(
        product_id=payload.product.id,
        order_id=payload.product_order.id,
        end=payload.ceased_at,
        cause=task.cause,
    )


def _started(charges: Sequence[Charge]) -> TaskOutcome:
    return done({"charge": [{"id": charge.id} for charge in charges]})


def _as_it_is(outcome: TaskOutcome) -> TaskOutcome:
    return outcome
