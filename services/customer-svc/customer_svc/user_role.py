"""TMF672 user roles and permissions: who may do what with whose assets, as data."""

from dualbus_events.contract.customer import PERMISSION, USER_ROLE
from dualbus_tmf.defined_resource import declare_defined

from customer_svc import tables

USER_ROLE_RESOURCE = declare_defined(USER_ROLE, table=tables.user_role)
PERMISSION_RESOURCE = declare_defined(PERMISSION, table=tables.permission)
