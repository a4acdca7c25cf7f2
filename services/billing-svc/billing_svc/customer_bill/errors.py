"""What can be wrong with a bill, or with asking for some."""

from dualbus_kit.errors import Invalid, NotFound


class CustomerBillNotFound(NotFound):
    code = "customerBillNotFound"
    reason = "The customer bill does not exist"


class AppliedCustomerBillingRateNotFound(NotFound):
    code = "appliedCustomerBillingRateNotFound"
    reason = "The applied customer billing rate does not exist"


class InvalidPeriod(Invalid):
    code = "invalidPeriod"
    reason = "The billing period is not valid"
