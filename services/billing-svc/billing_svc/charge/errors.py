"""What can be wrong with a charge, or with the price it is made from."""

from dualbus_kit.errors import Invalid, NotFound


class ChargeNotFound(NotFound):
    code = "chargeNotFound"
    reason = "The charge does not exist"


class InvalidPrice(Invalid):
    code = "invalidPrice"
    reason = "The price of the order item can't be charged"


class BillingAccountMissing(Invalid):
    code = "billingAccountMissing"
    reason = "Neither the order item nor an earlier task says which account to charge"
