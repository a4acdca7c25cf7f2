"""Open and close billing accounts for orders; close or delete one for a channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualbus_events.document import Reference, RelatedParty
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.errors import DomainError
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import href_of

from billing_svc.billing_account import repository
from billing_svc.billing_account.aggregate import CLOSED, BillingAccount
from billing_svc.billing_account.document import BillingAccount as BillingAccountDocument
from billing_svc.billing_account.errors import (
    BillingAccountClosed,
    BillingAccountInUse,
    BillingAccountOfAnother,
    BillingAccountUnknown,
    CustomerMissing,
)
from billing_svc.billing_account.repository import BillingAccounts

PATH = "/tmf-api/accountManagement/v4/billingAccount"


@dataclass(frozen=True)
class AccountRequest:
    """An order that needs an account: the one it names, else the customer's, else a new one."""

    order: Reference
    customer: RelatedParty | None
    cause: Cause
    account_id: str | None = None


@dataclass
class _Accounts:
    """What is known in one batch: accounts by id, and each customer's own."""

    by_id: dict[str, BillingAccount]
    own: dict[str, BillingAccount] = field(default_factory=dict)


async def open_billing_accounts(
    uow: UnitOfWork, requests: Sequence[AccountRequest]
) -> list[BillingAccount | DomainError]:
    """The account each order is billed on; a customer has one, however many orders come at once.

    Errors are returned in the place of the accounts they refuse.
    """
    await repository.take_turns(
        uow.connection, sorted({r.customer.id for r in requests if r.customer})
    )
    accounts = await _known(uow, requests)
    found = [_account_for(uow, request, accounts) for request in requests]
    relied_on = {
        request.order.id: account.id
        for request, account in zip(requests, found, strict=True)
        if isinstance(account, BillingAccount)
    }
    if relied_on:
        await repository.rely_on(uow.connection, relied_on)
    return found


async def _known(uow: UnitOfWork, requests: Sequence[AccountRequest]) -> _Accounts:
    # What this transaction opened before must be found by the query too.
    await uow.flush()
    named = [r.account_id for r in requests if r.account_id]
    accounts = _Accounts(await uow.find(BillingAccounts, named) if named else {})
    customers = {r.customer.id for r in requests if r.customer and not r.account_id}
    for account in await uow.find_by(BillingAccounts, "customer_id", sorted(customers)):
        if account.is_open and account.customer_id:
            accounts.own.setdefault(account.customer_id, account)
    return accounts


def _account_for(
    uow: UnitOfWork, request: AccountRequest, accounts: _Accounts
) -> BillingAccount | DomainError:
    if request.customer is None:
        return CustomerMissing(f"Product order {request.order.id} names no customer")
    if request.account_id:
        return check_named(request.account_id, request.customer, accounts.by_id)
    own = accounts.own.get(request.customer.id)
    if own is None:
        with caused_by(request.cause):
            own = _opened(uow, request.order, request.customer)
        uow.add(own)
        accounts.own[request.customer.id] = own
    return own


def check_named(
    account_id: str, customer: RelatedParty, accounts: Mapping[str, BillingAccount]
) -> BillingAccount | DomainError:
    """The account an order names, or why it can't be billed there."""
    account = accounts.get(account_id)
    if account is None:
        return BillingAccountUnknown(f"Billing account {account_id} does not exist")
    if account.customer_id != customer.id:
        return BillingAccountOfAnother(
            f"Billing account {account_id} does not belong to customer {customer.id}"
        )
    if not account.is_open:
        return BillingAccountClosed(f"Billing account {account_id} is {account.document.state}")
    return account


def _opened(uow: UnitOfWork, order: Reference, customer: RelatedParty) -> BillingAccount:
    account_id = new_id()
    return BillingAccount.open(
        BillingAccountDocument(
            type_="BillingAccount",
            id=account_id,
            href=href_of(uow, PATH, account_id),
            name=f"Account of {customer.name or customer.id}",
            related_party=[customer],
            product_order=order,
        )
    )


async def undo_opening(uow: UnitOfWork, undone: Sequence[AccountRequest]) -> None:
    """Close the accounts that these orders opened, where no other order or charge relies on them.

    An order that opened nothing, or whose account is closed already, is left as it is.
    """
    await repository.take_turns(
        uow.connection, sorted({r.customer.id for r in undone if r.customer})
    )
    causes = {request.order.id: request.cause for request in undone}
    ids = await repository.accounts_relied_on(uow.connection, list(causes))
    if not ids:
        return
    accounts = await uow.find(BillingAccounts, ids)
    kept = await repository.relied_on_by_others(uow.connection, ids, than=list(causes))
    kept |= await repository.charged_accounts(uow.connection, ids)
    for account in accounts.values():
        opened_by = account.document.product_order
        if account.is_open and account.id not in kept and opened_by and opened_by.id in causes:
            with caused_by(causes[opened_by.id]):
                account.close()
    await repository.forget_orders(uow.connection, list(causes))


async def change_billing_account(
    uow: UnitOfWork, account: BillingAccount, patch: Mapping[str, Any]
) -> None:
    """Raises BillingAccountInUse when it would be closed under charges that still run."""
    was_open = account.is_open
    account.change(patch)
    if was_open and account.document.state == CLOSED:
        running = await repository.running_on(uow.connection, account.id)
        if running:
            raise BillingAccountInUse(f"{running} charges still run on account {account.id}")


async def delete_billing_account(uow: UnitOfWork, account: BillingAccount) -> None:
    """Raises BillingAccountInUse when anything was ever charged or paid on it."""
    if await repository.charged_accounts(uow.connection, [account.id]):
        raise BillingAccountInUse(f"Account {account.id} has charges; close it instead")
    if await repository.is_paid_on(uow.connection, account.id):
        raise BillingAccountInUse(f"Account {account.id} has payments; close it instead")
    account.delete()
