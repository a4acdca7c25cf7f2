"""Facts of billing-svc's TMF677: what was asked about consumption, and answered."""

from dualbus_events.document import Document
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF677")
class QueryUsageConsumption(Document):
    """TMF677 QueryUsageConsumption: a question, and in `usageConsumption` its answer."""


QUERY_USAGE_CONSUMPTION = defined_topic("billing", QueryUsageConsumption)
