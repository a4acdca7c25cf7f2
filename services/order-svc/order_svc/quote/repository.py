"""Where quotes are stored."""

from typing import ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.preorder import Quote as QuoteDocument
from dualbus_events.repository import Repository

from order_svc.quote.aggregate import Quote
from order_svc.quote.errors import QuoteNotFound
from order_svc.tables import quote


class Quotes(Repository[Quote]):
    aggregate: ClassVar[type[Aggregate[QuoteDocument]]] = Quote
    table = quote
    columns: ClassVar = {"state": lambda one: one.state}
    not_found = QuoteNotFound
