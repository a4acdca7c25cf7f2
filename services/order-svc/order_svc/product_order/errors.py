"""What can't be done with a product order."""

from dualbus_kit.errors import Conflict, Invalid, NotFound


class ProductOrderNotFound(NotFound):
    code = "productOrderNotFound"
    reason = "There is no such product order"


class ProductOrderInvalid(Invalid):
    code = "productOrderInvalid"
    reason = "The product order can't be taken as it is"


class ProductOrderNotCancellable(Conflict):
    code = "productOrderNotCancellable"
    reason = "The product order can no longer be cancelled"


class ProductOrderStateNotPatchable(Conflict):
    code = "productOrderStateNotPatchable"
    reason = "The state of the product order can't be set by a patch"


class ProductOrderItemsNeedIfMatch(Conflict):
    code = "productOrderItemsNeedIfMatch"
    reason = "A patch of several items must say which version of the order it changes"


class ProductOrderNotDeletable(Conflict):
    code = "productOrderNotDeletable"
    reason = "The product order is being delivered and can't be deleted"
