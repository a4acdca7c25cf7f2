"""What can be wrong with a billing account, or with naming one."""

from dualbus_kit.errors import Conflict, Invalid, NotFound


class BillingAccountNotFound(NotFound):
    code = "billingAccountNotFound"
    reason = "The billing account does not exist"


class BillingAccountUnknown(NotFound):
    code = "billingAccountUnknown"
    reason = "The order names a billing account that does not exist"


class BillingAccountOfAnother(Conflict):
    code = "billingAccountOfAnother"
    reason = "The order names a billing account of another customer"


class BillingAccountClosed(Conflict):
    code = "billingAccountClosed"
    reason = "The billing account is closed"


class CustomerMissing(Invalid):
    code = "customerMissing"
    reason = "An account is opened for a customer, and the order names none"


class BillingAccountInUse(Conflict):
    code = "billingAccountInUse"
    reason = "The billing account has charges or payments"
