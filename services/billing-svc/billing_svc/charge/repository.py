"""The only SQL on charges; bills read them in `customer_bill/repository.py`."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.document import customer_of
from dualbus_events.repository import Repository

from billing_svc import tables
from billing_svc.charge.aggregate import Charge, is_void, price_key
from billing_svc.charge.errors import ChargeNotFound


class Charges(Repository[Charge]):
    aggregate = Charge
    table = tables.charge
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "customer_id": lambda document: customer_of(document.related_party),
        "account_id": lambda document: document.billing_account.id,
        "product_id": lambda document: document.product.id,
        "price_key": price_key,
        "state": lambda document: document.state,
        "recurring": lambda document: document.price_type == "recurring",
        "void": is_void,
        "charged_amount": lambda document: document.amount.value,
        "start_date": lambda document: document.start_date,
        "end_date": lambda document: document.end_date,
    }
    not_found = ChargeNotFound
