"""TMF669 party roles, without rules of their own."""

from dualbus_events.contract.customer import PARTY_ROLE
from dualbus_tmf.defined_resource import declare_defined

from customer_svc import tables

# TM Forum's kit looks for a `roleType`, which the definition does not know, in every role.
PARTY_ROLE_RESOURCE = declare_defined(
    PARTY_ROLE, table=tables.party_role, defaults={"roleType": dict}
)
