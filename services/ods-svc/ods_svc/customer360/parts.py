"""The parts of the view: TMF717's names where it has them, ours beside."""

from dataclasses import dataclass
from datetime import timedelta

from dualbus_events.catalogue import TASK_TOPICS, fact_topic

from ods_svc.freshness import Sources


@dataclass(frozen=True)
class Part:
    """One array of the view, and the resource whose facts fill it."""

    name: str
    resource: str
    on_request: bool = False
    """Only there when `fields` or `expand` names it."""
    stale_after: timedelta = timedelta(seconds=15)
    """More than an idle system shows: hearts beat every five seconds, lag is told every one."""

    @property
    def sources(self) -> Sources:
        """What has to be read for the part to be fresh; orders carry their track."""
        if self.resource == CUSTOMER:
            topics = [fact_topic(resource) for resource in (CUSTOMER, *PARTIES)]
            return Sources([topic.name for topic in topics], ["customer"])
        own = fact_topic(self.resource)
        if self.resource == ORDER:
            # Tasks are read by those who answer them.
            return Sources(
                (own.name, *(topic.name for topic in TASK_TOPICS)),
                sorted({topic.owner for topic in TASK_TOPICS}),
            )
        return Sources((own.name,), (own.owner,))


ORDER = "productOrder"
BILL = "customerBill"
RATE = "appliedCustomerBillingRate"
CUSTOMER = "customer"
PARTIES = ("individual", "organization")

# A bill run makes a month's bills at once, and nobody waits for them.
_BILLS_STALE_AFTER = timedelta(seconds=60)

CUSTOMER_PART = Part(CUSTOMER, CUSTOMER)
"""The customer and its party, whatever else is asked for."""
PARTS: tuple[Part, ...] = (
    Part("account", "billingAccount"),
    Part(ORDER, ORDER),
    Part("quote", "quote"),
    Part("product", "product"),
    Part("service", "service"),
    Part("resource", "resource"),
    Part(BILL, BILL, stale_after=_BILLS_STALE_AFTER),
    Part("serviceLevelAgreement", "serviceLevelAgreement"),
    Part("alarm", "alarm"),
    Part("troubleTicket", "troubleTicket"),
    Part("productValue", "product", on_request=True),
    Part("charge", "charge", on_request=True),
    Part("payment", "payment", on_request=True),
    Part("customerBillOnDemand", "customerBillOnDemand", on_request=True),
    Part("bucket", "bucket", on_request=True),
    Part("serviceOrder", "serviceOrder", on_request=True),
    Part("shoppingCart", "shoppingCart", on_request=True),
    Part("productOfferingQualification", "productOfferingQualification", on_request=True),
    Part(RATE, RATE, on_request=True, stale_after=_BILLS_STALE_AFTER),
)
ALL_PARTS = (CUSTOMER_PART, *PARTS)
PART_NAMES = frozenset(part.name for part in PARTS)
EXPANDABLE = frozenset(part.name for part in PARTS if part.on_request)
