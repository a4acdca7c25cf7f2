"""Facts that customer-svc owns: parties, customers, and what is agreed and said with them."""

from dualbus_events.document import (
    Characteristic,
    Document,
    Moment,
    Reference,
    RelatedParty,
    TimePeriod,
)
from dualbus_events.facts import PARTITIONS
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF632")
class Individual(Document):
    """TMF632 Individual."""

    given_name: str | None = None
    family_name: str | None = None
    gender: str | None = None
    status: str | None = None


@defined("TMF632")
class Organization(Document):
    """TMF632 Organization."""

    trading_name: str | None = None
    name: str | None = None
    is_legal_entity: bool | None = None
    status: str | None = None


@defined("TMF629")
class Customer(Document):
    """TMF629 Customer. Only one whose status is `active` may order."""

    name: str
    status: str | None = None
    status_reason: str | None = None
    engaged_party: Reference
    related_party: list[RelatedParty] | None = None
    characteristic: list[Characteristic] | None = None
    valid_for: TimePeriod | None = None


@defined("TMF651")
class Agreement(Document):
    """TMF651 Agreement."""


@defined("TMF651")
class AgreementSpecification(Document):
    """TMF651 AgreementSpecification."""


@defined("TMF669")
class PartyRole(Document):
    """TMF669 PartyRole: the part that a party plays."""


@defined("TMF683")
class PartyInteraction(Document):
    """TMF683 PartyInteraction: what was said, when, through which channel."""


@defined("TMF681")
class CommunicationMessage(Document):
    """TMF681 CommunicationMessage."""

    state: str | None = None
    status_reason: str | None = None
    """Why it failed; not TM Forum's."""
    scheduled_send_time: Moment | None = None
    send_time: Moment | None = None
    send_time_complete: Moment | None = None


@defined("TMF699")
class SalesLead(Document):
    """TMF699 SalesLead."""


@defined("TMF672")
class UserRole(Document):
    """TMF672 UserRole: what somebody in a role may do."""


@defined("TMF672")
class Permission(Document):
    """TMF672 Permission: what one party lets another do with what is theirs."""


INDIVIDUAL = defined_topic("customer", Individual, partitions=PARTITIONS)
IndividualCreateEvent = INDIVIDUAL.event("IndividualCreateEvent")
IndividualAttributeValueChangeEvent = INDIVIDUAL.event("IndividualAttributeValueChangeEvent")
IndividualDeleteEvent = INDIVIDUAL.event("IndividualDeleteEvent")

ORGANIZATION = defined_topic("customer", Organization, partitions=PARTITIONS)
OrganizationCreateEvent = ORGANIZATION.event("OrganizationCreateEvent")
OrganizationAttributeValueChangeEvent = ORGANIZATION.event("OrganizationAttributeValueChangeEvent")
OrganizationDeleteEvent = ORGANIZATION.event("OrganizationDeleteEvent")

CUSTOMER = defined_topic("customer", Customer, partitions=PARTITIONS)
CustomerCreateEvent = CUSTOMER.event("CustomerCreateEvent")
CustomerAttributeValueChangeEvent = CUSTOMER.event("CustomerAttributeValueChangeEvent")
CustomerStateChangeEvent = CUSTOMER.event("CustomerStateChangeEvent")
CustomerDeleteEvent = CUSTOMER.event("CustomerDeleteEvent")

AGREEMENT = defined_topic("customer", Agreement)
AGREEMENT_SPECIFICATION = defined_topic("customer", AgreementSpecification)
PARTY_ROLE = defined_topic("customer", PartyRole)
PARTY_INTERACTION = defined_topic("customer", PartyInteraction)
COMMUNICATION_MESSAGE = defined_topic("customer", CommunicationMessage)
SALES_LEAD = defined_topic("customer", SalesLead)
USER_ROLE = defined_topic("customer", UserRole)
PERMISSION = defined_topic("customer", Permission)
