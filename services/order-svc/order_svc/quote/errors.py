"""What can't be done with a quote."""

from dualbus_kit.errors import Conflict, NotFound


class QuoteNotFound(NotFound):
    code = "quoteNotFound"
    reason = "There is no such quote"


class QuoteNotAccepted(Conflict):
    code = "quoteNotAccepted"
    reason = "Only an accepted quote can be ordered"


class QuoteFixed(Conflict):
    code = "quoteFixed"
    reason = "What has been approved can't be changed any more"


class QuoteExpired(Conflict):
    code = "quoteExpired"
    reason = "The quote is no longer valid"
