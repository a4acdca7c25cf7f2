"""Start, void, stop and resume the charges of products."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dualbus_events.contract.order import OrderPrice
from dualbus_events.document import Reference, RelatedParty
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.errors import DomainError
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import href_of

from billing_svc.billing_account.aggregate import BillingAccount
from billing_svc.billing_account.repository import BillingAccounts
from billing_svc.billing_account.use_cases import check_named
from billing_svc.charge.aggregate import Charge, price_key
from billing_svc.charge.document import Charge as ChargeDocument
from billing_svc.charge.errors import BillingAccountMissing, InvalidPrice
from billing_svc.charge.pricing import amount_of
from billing_svc.charge.repository import Charges

PATH = "/dualbus-api/customerBilling/v1/charge"
_CHARGED = ("recurring", "oneTime")


@dataclass(frozen=True)
class ChargeStart:
    """A product that was activated at `start`, and what it costs."""

    product: Reference
    prices: Sequence[OrderPrice]
    quantity: int
    start: datetime
    customer: RelatedParty
    account: Reference | None
    named_account_id: str | None
    order: Reference
    cause: Cause


@dataclass(frozen=True)
class ChargeEnd:
    """A product that ended at `end`, or an order whose start of charges is taken back."""

    product_id: str
    order_id: str
    end: datetime
    cause: Cause


async def start_charges(
    uow: UnitOfWork, starts: Sequence[ChargeStart]
) -> list[list[Charge] | DomainError]:
    """One charge per price of each product; those that run already are returned as they are.

    Nothing is charged twice: product and price are unique among charges that are not void.
    Errors are returned in the place of the charges they refuse.
    """
    running = await _charges_of(uow, [start.product.id for start in starts])
    named = [start.named_account_id for start in starts if start.named_account_id]
    accounts = await uow.find(BillingAccounts, named) if named else {}
    results: list[list[Charge] | DomainError] = []
    for start in starts:
        try:
            charges = _started(uow, start, running[start.product.id], accounts)
        except DomainError as error:
            results.append(error)
            continue
        uow.add(*(charge for charge in charges if not charge.stored_version))
        running[start.product.id].extend(c for c in charges if not c.stored_version)
        results.append(charges)
    return results


async def void_charges(uow: UnitOfWork, undone: Sequence[ChargeEnd]) -> None:
    """Take back what these orders started: it ends at its start and is never billed."""
    charges = await _charges_of(uow, [one.product_id for one in undone])
    for one in undone:
        for charge in charges[one.product_id]:
            order = charge.document.product_order
            if not charge.void and order and order.id == one.order_id:
                with caused_by(one.cause):
                    charge.cancel()


async def stop_charges(uow: UnitOfWork, ends: Sequence[ChargeEnd]) -> None:
    """End what is charged for these products, and for no others."""
    charges = await _charges_of(uow, [end.product_id for end in ends])
    for end in ends:
        for charge in charges[end.product_id]:
            # A one-off that was not billed yet is still owed.
            if charge.active and charge.document.price_type == "recurring":
                with caused_by(end.cause):
                    charge.end(end.end)


async def resume_charges(uow: UnitOfWork, undone: Sequence[ChargeEnd]) -> None:
    """Take `stop_charges` back: what ended at that very moment runs on."""
    charges = await _charges_of(uow, [one.product_id for one in undone])
    for one in undone:
        for charge in charges[one.product_id]:
            document = charge.document
            ended_then = document.end_date == max(one.end, document.start_date)
            if not charge.active and not charge.void and ended_then:
                with caused_by(one.cause):
                    charge.resume()


async def _charges_of(uow: UnitOfWork, product_ids: Sequence[str]) -> dict[str, list[Charge]]:
    # What this transaction started before must be found by the query too.
    await uow.flush()
    by_product: dict[str, list[Charge]] = defaultdict(list)
    for charge in await uow.find_by(Charges, "product_id", sorted(set(product_ids))):
        by_product[charge.document.product.id].append(charge)
    return by_product


def _started(
    uow: UnitOfWork,
    start: ChargeStart,
    present: Sequence[Charge],
    accounts: dict[str, BillingAccount],
) -> list[Charge]:
    account = _account(start, accounts)
    wanted = [
        _charge(uow, start, price, account)
        for price in start.prices
        if price.price_type in _CHARGED
    ]
    keys = [price_key(charge) for charge in wanted]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise InvalidPrice(f"Product {start.product.id} has two prices {twice}")
    running = {price_key(charge.document): charge for charge in present if not charge.void}
    with caused_by(start.cause):
        return [running.get(price_key(document)) or Charge.start(document) for document in wanted]


def _account(start: ChargeStart, accounts: dict[str, BillingAccount]) -> Reference:
    if start.named_account_id:
        named = check_named(start.named_account_id, start.customer, accounts)
        if isinstance(named, DomainError):
            raise named
        document = named.document
        return Reference(
            id=document.id, href=document.href, name=document.name, type_="BillingAccount"
        )
    if start.account is None:
        raise BillingAccountMissing(f"Product {start.product.id} of order {start.order.id}")
    return start.account


def _charge(
    uow: UnitOfWork, start: ChargeStart, price: OrderPrice, account: Reference
) -> ChargeDocument:
    charge_id = new_id()
    return ChargeDocument(
        type_="Charge",
        id=charge_id,
        href=href_of(uow, PATH, charge_id),
        name=price.name or start.product.name or "Charge",
        state="active",
        amount=amount_of(price, quantity=start.quantity),
        start_date=start.start,
        price_type="oneTime" if price.price_type == "oneTime" else "recurring",
        product=start.product,
        product_offering_price=price.product_offering_price,
        billing_account=account,
        related_party=[start.customer],
        product_order=start.order,
    )
