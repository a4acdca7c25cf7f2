"""TMF629 customer as one declaration; creating one has an endpoint of its own, for speed."""

from dualbus_events.contract.customer import (
    CUSTOMER,
    Customer,
    CustomerAttributeValueChangeEvent,
    CustomerCreateEvent,
    CustomerDeleteEvent,
    CustomerStateChangeEvent,
)
from dualbus_kit.errors import NotFound
from dualbus_tmf.resource import StateRule, declare

from customer_svc import tables
from customer_svc.customer.states import ACTIVE, CUSTOMER_STATUS

CUSTOMER_PATH = "/tmf-api/customerManagement/v4/customer"
_MAY_ORDER = "mayOrder"


class CustomerNotFound(NotFound):
    code = "customerNotFound"
    reason = "The customer does not exist"


def may_order(document: Customer) -> bool:
    """False when the customer's characteristic (or extension attribute) `mayOrder` says so.

    That is how a customer is barred from new orders while what they have goes on.
    """
    values = [c.value for c in document.characteristic or [] if c.name == _MAY_ORDER]
    values.append((document.model_extra or {}).get(_MAY_ORDER))
    return not any(str(value).casefold() == "false" for value in values)


CUSTOMER_RESOURCE = declare(
    CUSTOMER,
    path=CUSTOMER_PATH,
    table=tables.customer,
    create=CustomerCreateEvent,
    change=CustomerAttributeValueChangeEvent,
    delete=CustomerDeleteEvent,
    state=StateRule("status", CUSTOMER_STATUS, CustomerStateChangeEvent),
    columns={
        "name": lambda document: document.name,
        "status": lambda document: document.status,
        "may_order": may_order,
        "engaged_party_id": lambda document: document.engaged_party.id,
    },
    indexed={"engagedParty.id": "engaged_party_id"},
    required=["name", "engagedParty"],
    defaults={"status": ACTIVE},
    operations={"read", "patch", "delete"},
    client_ids=True,
    customer_of=lambda document: document.id,
    not_found=CustomerNotFound,
)
