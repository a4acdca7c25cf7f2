"""The parts of the view: TMF717's names where it has them, ours beside."""

from dataclasses import dataclass

from dualbus_events.catalogue import TASK_TOPICS, fact_topic


@dataclass(frozen=True)
class Part:
    """One array of the view, and the resource whose facts fill it."""

    name: str
    resource: str
    on_request: bool = False
    """Only there when `fields` or `expand` names it."""

    @property
    def topics(self) -> tuple[str, ...]:
        """What has to be read for the part to be fresh; orders carry their track."""
        own = fact_topic(self.resource).name
        return (own, *_TRACK_TOPICS) if self.resource == ORDER else (own,)


ORDER = "productOrder"
BILL = "customerBill"
RATE = "appliedCustomerBillingRate"
CUSTOMER = "customer"
PARTIES = ("individual", "organization")

_TRACK_TOPICS = tuple(topic.name for topic in TASK_TOPICS)

PARTS: tuple[Part, ...] = (
    Part("account", "billingAccount"),
    Part(ORDER, ORDER),
    Part("product", "product"),
    Part("service", "service"),
    Part("resource", "resource"),
    Part(BILL, BILL),
    Part("serviceLevelAgreement", "serviceLevelAgreement"),
    Part("alarm", "alarm"),
    Part("troubleTicket", "troubleTicket"),
    Part("productValue", "product", on_request=True),
    Part("charge", "charge", on_request=True),
    Part("serviceOrder", "serviceOrder", on_request=True),
    Part(RATE, RATE, on_request=True),
)
PART_NAMES = frozenset(part.name for part in PARTS)
EXPANDABLE = frozenset(part.name for part in PARTS if part.on_request)
