"""TMF632 parties: people and organizations, without rules of their own."""

from dualbus_events.contract.customer import (
    INDIVIDUAL,
    ORGANIZATION,
    IndividualAttributeValueChangeEvent,
    IndividualCreateEvent,
    IndividualDeleteEvent,
    OrganizationAttributeValueChangeEvent,
    OrganizationCreateEvent,
    OrganizationDeleteEvent,
)
from dualbus_tmf.resource import declare

from customer_svc import tables

INDIVIDUAL_RESOURCE = declare(
    INDIVIDUAL,
    path="/tmf-api/party/v4/individual",
    table=tables.individual,
    create=IndividualCreateEvent,
    change=IndividualAttributeValueChangeEvent,
    delete=IndividualDeleteEvent,
    required=["givenName", "familyName"],
    client_ids=True,
)
ORGANIZATION_RESOURCE = declare(
    ORGANIZATION,
    path="/tmf-api/party/v4/organization",
    table=tables.organization,
    create=OrganizationCreateEvent,
    change=OrganizationAttributeValueChangeEvent,
    delete=OrganizationDeleteEvent,
    required=["tradingName"],
    client_ids=True,
)
