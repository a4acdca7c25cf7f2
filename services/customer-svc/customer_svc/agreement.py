"""TMF651 agreements and their specifications, without rules of their own."""

from dualbus_events.contract.customer import AGREEMENT, AGREEMENT_SPECIFICATION
from dualbus_tmf.defined_resource import declare_defined

from customer_svc import tables

AGREEMENT_RESOURCE = declare_defined(AGREEMENT, table=tables.agreement)
AGREEMENT_SPECIFICATION_RESOURCE = declare_defined(
    AGREEMENT_SPECIFICATION, table=tables.agreement_specification
)
