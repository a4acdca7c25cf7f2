"""Where qualifications are stored."""

from typing import ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.preorder import (
    ProductOfferingQualification as QualificationDocument,
)
from dualbus_events.repository import Repository

from order_svc.product_offering_qualification.aggregate import ProductOfferingQualification
from order_svc.product_offering_qualification.errors import ProductOfferingQualificationNotFound
from order_svc.tables import product_offering_qualification


class ProductOfferingQualifications(Repository[ProductOfferingQualification]):
    aggregate: ClassVar[type[Aggregate[QualificationDocument]]] = ProductOfferingQualification
    table = product_offering_qualification
    not_found = ProductOfferingQualificationNotFound
