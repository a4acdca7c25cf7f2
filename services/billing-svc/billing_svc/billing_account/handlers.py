"""`billing.open`: what an order means for the customer's account."""

from collections.abc import Sequence

from dualbus_events.document import Reference, RelatedParty, WireModel, party_in_role
from dualbus_events.participants import forestall_tasks
from dualbus_events.tasks import Task, TaskOutcome, done
from dualbus_events.unit_of_work import UnitOfWork

from billing_svc.billing_account.aggregate import BillingAccount
from billing_svc.billing_account.use_cases import (
    AccountRequest,
    open_billing_accounts,
    undo_opening,
)
from billing_svc.participant import HANDLERS, ReadTasks


class _Order(Reference):
    billing_account: Reference | None = None


class _Item(WireModel):
    billing_account: Reference | None = None


class _OpenPayload(WireModel):
    product_order: _Order
    customer_id: str | None = None
    related_party: list[RelatedParty] | None = None
    items: list[_Item] | None = None

    @property
    def customer(self) -> RelatedParty | None:
        """The customer with its name, when the order's related parties tell it."""
        party = party_in_role(self.related_party, "customer")
        if party is None or self.customer_id not in (None, party.id):
            return _customer(self.customer_id) if self.customer_id else None
        return party

    @property
    def account_id(self) -> str | None:
        """The account named by the order, or by every single item of it (then the first one)."""
        if self.product_order.billing_account:
            return self.product_order.billing_account.id
        named = [item.billing_account.id for item in self.items or [] if item.billing_account]
        return named[0] if named and len(named) == len(self.items or []) else None


def _customer(customer_id: str) -> RelatedParty:
    return RelatedParty(id=customer_id, role="customer", referred_type="Customer")


class _UndoPayload(_OpenPayload):
    undoes: str


@HANDLERS.on_task("billing.open")
async def accounts_to_open(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    readable = ReadTasks(tasks, _OpenPayload)
    requests = [_request(task, payload) for task, payload in readable]
    return readable.answered(await open_billing_accounts(uow, requests), _opened)


@HANDLERS.on_task("billing.open.undo")
async def openings_undone(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    readable = ReadTasks(tasks, _UndoPayload)
    await forestall_tasks(uow, [task for task, _ in readable])
    await undo_opening(uow, [_request(task, payload) for task, payload in readable])
    return readable.answered([done()] * len(readable), lambda outcome: outcome)


def _request(task: Task, payload: _OpenPayload) -> AccountRequest:
    order = payload.product_order
    return AccountRequest(
        order=Reference(id=order.id, href=order.href, referred_type="ProductOrder"),
        customer=payload.customer,
        cause=task.cause,
        account_id=payload.account_id,
    )


def _opened(account: BillingAccount) -> TaskOutcome:
    reference = {
        "id": account.id,
        "href": account.document.href,
        "name": account.document.name,
        "@type": "BillingAccount",
    }
    return done({"billingAccount": reference})
