"""What can be wrong with a payment, or with a refund."""

from dualbus_kit.errors import Conflict, NotFound


class PaymentNotFound(NotFound):
    code = "paymentNotFound"
    reason = "The payment does not exist"


class CorrelatorReused(Conflict):
    code = "correlatorIdReused"
    reason = "This correlatorId belongs to another amount"
