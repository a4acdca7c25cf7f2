"""What can't be done with a product."""

from dualbus_kit.errors import Conflict, Invalid, NotFound


class ProductNotFound(NotFound):
    code = "productNotFound"
    reason = "There is no such product"


class ProductStatusUnknown(Invalid):
    code = "productStatusUnknown"
    reason = "TMF637 knows no such status of a product"


class ProductNotDeletable(Conflict):
    code = "productNotDeletable"
    reason = "The product is in use and can't be deleted"
