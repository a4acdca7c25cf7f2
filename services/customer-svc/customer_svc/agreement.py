"""TMF651 agreements and their specifications, without rules of their own."""

from dualbus_events.contract.customer import AGREEMENT, AGREEMENT_SPECIFICATION, Agreement
from dualbus_tmf.defined_resource import declare_defined

from customer_svc import tables


def _engaged_customer(agreement: Agreement) -> str | None:
    """The engaged party that is a customer, by its role, or by its type where it names none."""
    for party in agreement.to_dict().get("engagedParty") or ():
        if str(party.get("role") or party.get("@referredType")).casefold() == "customer":
            return str(party["id"]) if "id" in party else None
    return None


AGREEMENT_RESOURCE = declare_defined(
    AGREEMENT, table=tables.agreement, customer_of=_engaged_customer
)
AGREEMENT_SPECIFICATION_RESOURCE = declare_defined(
    AGREEMENT_SPECIFICATION, table=tables.agreement_specification
)
