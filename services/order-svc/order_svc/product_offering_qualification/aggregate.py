"""A qualification: asked, answered at once, asked anew when it is changed."""

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.preorder import PRODUCT_OFFERING_QUALIFICATION
from dualbus_events.contract.preorder import (
    ProductOfferingQualification as QualificationDocument,
)
from dualbus_events.document import customer_of

_CREATED = PRODUCT_OFFERING_QUALIFICATION.event("ProductOfferingQualificationCreateEvent")
_CHANGED = PRODUCT_OFFERING_QUALIFICATION.event(
    "ProductOfferingQualificationAttributeValueChangeEvent"
)
_DELETED = PRODUCT_OFFERING_QUALIFICATION.event("ProductOfferingQualificationDeleteEvent")


class ProductOfferingQualification(Aggregate[QualificationDocument]):
    """TMF679 ProductOfferingQualification."""

    document_type = QualificationDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    def create(self) -> None:
        self.record(_CREATED)

    def replace(self, document: QualificationDocument) -> None:
        self.document = document
        self.record(_CHANGED)

    def delete(self) -> None:
        self.record(_DELETED)
