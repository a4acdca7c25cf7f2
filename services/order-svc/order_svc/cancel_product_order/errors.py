"""What can't be cancelled."""

from dualbus_kit.errors import NotFound


class CancelProductOrderNotFound(NotFound):
    code = "cancelProductOrderNotFound"
    reason = "There is no such cancellation"
