"""What can be wrong with naming a request for a bill."""

from dualbus_kit.errors import NotFound


class CustomerBillOnDemandNotFound(NotFound):
    code = "customerBillOnDemandNotFound"
    reason = "The request for a customer bill does not exist"
