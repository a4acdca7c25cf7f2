"""A product: what a customer holds, from the item that delivered it to its end."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.order import Product as ProductDocument
from dualbus_events.contract.order import (
    ProductAttributeValueChangeEvent,
    ProductCreateEvent,
    ProductDeleteEvent,
    ProductStateChangeEvent,
)
from dualbus_events.document import customer_of
from dualbus_tmf.state_machines import PRODUCT

from order_svc.product.errors import ProductNotDeletable

_DELETABLE = {"created", *PRODUCT.final}


def completed(document: ProductDocument) -> ProductDocument:
    """The same document, with an empty array where it lacks one that is in every answer.

    TMF637's kit looks for them in each product of a list.
    """
    document.product_characteristic = document.product_characteristic or []
    document.product_price = document.product_price or []
    document.related_party = document.related_party or []
    return document


class Product(Aggregate[ProductDocument]):
    """TMF637 Product."""

    document_type = ProductDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    def deliver(self) -> None:
        """It is the customer's from now on."""
        self.record(ProductCreateEvent)

    def delete(self) -> None:
        """Forget it. Raises ProductNotDeletable for one the customer holds or is being given."""
        status = self.document.status
        if status not in _DELETABLE:
            raise ProductNotDeletable(
                f"Product {self.id} is {status}: terminate it before deleting it",
                extra={"from": status, "to": "deleted"},
            )
        self.record(ProductDeleteEvent)

    def terminate(self, moment: datetime) -> None:
        """It is ceased. One that has ended already stays as it is: twice is the same as once."""
        if self.document.status in PRODUCT.final:
            return
        if self.document.status == "suspended":
            self._move_to("active")
        self.document.termination_date = moment
        self._move_to("terminated")

    def replace(self, document: ProductDocument) -> None:
        """Take a changed document; a move of the status is checked and recorded as one."""
        before, target = self.document.status, document.status
        self.document = document
        if before == target:
            self.record(ProductAttributeValueChangeEvent)
            return
        document.status = before
        self._move_to(target)

    def _move_to(self, status: str) -> None:
        PRODUCT.check(self.document.status, status, resource_id=self.id)
        self.document.status = status
        self.record(ProductStateChangeEvent)
