"""What can be wrong with naming a refund."""

from dualbus_kit.errors import NotFound


class RefundNotFound(NotFound):
    code = "refundNotFound"
    reason = "The refund does not exist"
