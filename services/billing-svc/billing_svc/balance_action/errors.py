"""What can be wrong with an action before any bucket is asked."""

from dualbus_kit.errors import Invalid, NotFound


class BalanceActionNotFound(NotFound):
    code = "balanceActionNotFound"
    reason = "The action on a balance does not exist"


class InvalidAmount(Invalid):
    code = "invalidAmount"
    reason = "The amount is not one that can be moved"
