"""What a reader of the customer view may get wrong."""

from dualbus_kit.errors import Invalid, NotFound


class CustomerUnknown(NotFound):
    code = "customerUnknown"
    reason = "No such customer is known"


class InvalidViewQuery(Invalid):
    code = "invalidViewQuery"
    reason = "The query asks for what the customer view does not have"
