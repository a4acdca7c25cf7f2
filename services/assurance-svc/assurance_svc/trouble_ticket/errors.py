"""What can be wrong with a request about trouble tickets."""

from dualbus_kit.errors import NotFound


class TroubleTicketNotFound(NotFound):
    code = "troubleTicketNotFound"
    reason = "The trouble ticket does not exist"
