"""The parts of the view: TMF717's names where it has them, ours beside."""

from dataclasses import dataclass
from datetime import timedelta

from dualbus_events.catalogue import TASK_TOPICS, fact_topic

from ods_svc.freshness import Sources


@dataclass(frozen=True)
class Part:
    """One array of the view, and the resources whose facts fill it."""

    name: str
    resources: tuple[str, ...]
    on_request: bool = False
    """Only there when `fields` or `expand` names it."""
    stale_after: timedelta = timedelta(seconds=15)
    """More than an idle system shows: hearts beat every five seconds, lag is told every one."""

    @property
    def sources(self) -> Sources:
        """What has to be read for the part to be fresh; orders carry their track."""
        topics = [fact_topic(resource) for resource in self.resources]
        names, owners = [topic.name for topic in topics], {topic.owner for topic in topics}
        if self.name == ORDER:
            # Tasks are read by those who answer them.
            names += [topic.name for topic in TASK_TOPICS]
            owners = {topic.owner for topic in TASK_TOPICS}
        return Sources(names, sorted(owners))


ORDER = "productOrder"
BILL = "customerBill"
RATE = "appliedCustomerBillingRate"
CUSTOMER = "customer"
INTERACTION = "partyInteraction"
INTERACTION_ITEM = "interactionItem"
USAGE_SPECIFICATION = "usageSpecification"
PARTIES = ("individual", "organization")
ACCOUNTS = ("billingAccount", "partyAccount", "settlementAccount", "financialAccount")
NOT_OWNED = ("appointment", "loyaltyBalance", "promotion")
"""TMF717 has them and no service here does: always empty."""

# A bill run makes a month's bills at once, and nobody waits for them.
_BILLS_STALE_AFTER = timedelta(seconds=60)


def _of(resource: str, *, on_request: bool = False) -> Part:
    """The part that is called like its one resource."""
    return Part(resource, (resource,), on_request=on_request)


CUSTOMER_PART = Part(CUSTOMER, (CUSTOMER, *PARTIES))
"""The customer and its party, whatever else is asked for."""
PARTS: tuple[Part, ...] = (
    Part("account", ACCOUNTS),
    _of("agreement"),
    _of(ORDER),
    _of("quote"),
    Part("productValue", ("product",)),
    _of("service"),
    _of("resource"),
    Part(BILL, (BILL,), stale_after=_BILLS_STALE_AFTER),
    Part(INTERACTION_ITEM, (INTERACTION,)),
    _of("serviceLevelAgreement"),
    _of("alarm"),
    _of("serviceProblem"),
    _of("troubleTicket"),
    _of("charge", on_request=True),
    _of("payment", on_request=True),
    _of("refund", on_request=True),
    _of("bucket", on_request=True),
    _of("customerBillOnDemand", on_request=True),
    _of("serviceOrder", on_request=True),
    _of("shoppingCart", on_request=True),
    _of("productOfferingQualification", on_request=True),
    _of(INTERACTION, on_request=True),
    _of("usage", on_request=True),
    _of(USAGE_SPECIFICATION, on_request=True),
    Part(RATE, (RATE,), on_request=True, stale_after=_BILLS_STALE_AFTER),
)
ALL_PARTS = (CUSTOMER_PART, *PARTS)
EXPANDABLE = frozenset(part.name for part in PARTS if part.on_request)
