"""What can be wrong with a request about trouble tickets."""

from dualbus_kit.errors import Conflict, NotFound


class TroubleTicketNotFound(NotFound):
    code = "troubleTicketNotFound"
    reason = "The trouble ticket does not exist"


class ResolutionDatePromised(Conflict):
    code = "resolutionDatePromised"
    reason = "The expected resolution date follows from the service level agreement"
