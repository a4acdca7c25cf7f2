"""Facts that customer-svc owns: TMF632 parties and TMF629 customers."""

from dualbus_events.document import Characteristic, Document, Reference, RelatedParty, TimePeriod
from dualbus_events.facts import FactTopic


class Individual(Document):
    """TMF632 Individual."""

    given_name: str | None = None
    family_name: str | None = None
    gender: str | None = None
    status: str | None = None


class Organization(Document):
    """TMF632 Organization."""

    trading_name: str | None = None
    name: str | None = None
    is_legal_entity: bool | None = None
    status: str | None = None


class Customer(Document):
    """TMF629 Customer. Only one whose status is `active` may order."""

    name: str
    status: str | None = None
    status_reason: str | None = None
    engaged_party: Reference
    related_party: list[RelatedParty] | None = None
    characteristic: list[Characteristic] | None = None
    valid_for: TimePeriod | None = None


INDIVIDUAL = FactTopic("customer.individual.v1", "customer", "individual", Individual)
IndividualCreateEvent = INDIVIDUAL.event("IndividualCreateEvent")
IndividualAttributeValueChangeEvent = INDIVIDUAL.event("IndividualAttributeValueChangeEvent")
IndividualDeleteEvent = INDIVIDUAL.event("IndividualDeleteEvent")

ORGANIZATION = FactTopic("customer.organization.v1", "customer", "organization", Organization)
OrganizationCreateEvent = ORGANIZATION.event("OrganizationCreateEvent")
OrganizationAttributeValueChangeEvent = ORGANIZATION.event("OrganizationAttributeValueChangeEvent")
OrganizationDeleteEvent = ORGANIZATION.event("OrganizationDeleteEvent")

CUSTOMER = FactTopic("customer.customer.v1", "customer", "customer", Customer)
CustomerCreateEvent = CUSTOMER.event("CustomerCreateEvent")
CustomerAttributeValueChangeEvent = CUSTOMER.event("CustomerAttributeValueChangeEvent")
CustomerStateChangeEvent = CUSTOMER.event("CustomerStateChangeEvent")
CustomerDeleteEvent = CUSTOMER.event("CustomerDeleteEvent")
