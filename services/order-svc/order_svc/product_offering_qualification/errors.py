"""What can't be done with a qualification."""

from dualbus_kit.errors import NotFound


class ProductOfferingQualificationNotFound(NotFound):
    code = "productOfferingQualificationNotFound"
    reason = "There is no such product offering qualification"
