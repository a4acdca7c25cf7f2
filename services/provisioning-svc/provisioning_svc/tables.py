"""The tables of provisioning-svc's database."""

from dualbus_events.repository import document_table, searchable_table
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

metadata = MetaData()

service_catalog = searchable_table("service_catalog", metadata)
service_category = searchable_table("service_category", metadata)
service_candidate = searchable_table("service_candidate", metadata)
service_specification = searchable_table("service_specification", metadata)
resource_catalog = searchable_table("resource_catalog", metadata)
resource_category = searchable_table("resource_category", metadata)
resource_candidate = searchable_table("resource_candidate", metadata)
resource_specification = searchable_table("resource_specification", metadata)
service_order = document_table(
    "service_order",
    metadata,
    Column("state", Text, nullable=False),
    Column("external_id", Text),
    Column("holds_product_id", Text),
)
cancel_service_order = searchable_table("cancel_service_order", metadata)
resource_order = searchable_table("resource_order", metadata)
cancel_resource_order = searchable_table("cancel_resource_order", metadata)
service = document_table(
    "service",
    metadata,
    Column("state", Text, nullable=False),
    Column("product_id", Text),
)
monitor = searchable_table(
    "monitor",
    metadata,
    Column("state", Text, nullable=False),
    Column("service_id", Text, nullable=False),
)
resource = document_table(
    "resource",
    metadata,
    Column("specification_id", Text),
    Column("value", Text),
    Column("resource_status", Text),
    Column("service_id", Text),
)
# The next number that was never given out; what came back is a resource that is available.
resource_pool = Table(
    "resource_pool",
    metadata,
    Column("specification_id", Text, primary_key=True),
    Column("next_value", BigInteger, nullable=False),
)

Index("service_order_external_id", service_order.c.external_id)
Index(
    "service_order_holds",
    service_order.c.holds_product_id,
    postgresql_where=service_order.c.holds_product_id.is_not(None),
)
Index("monitor_service", monitor.c.service_id)
Index("service_product", service.c.product_id)
# The last guard: whatever the code does, no number is two resources.
Index("resource_value", resource.c.specification_id, resource.c.value, unique=True)
Index("resource_service", resource.c.service_id)
Index(
    "resource_available",
    resource.c.specification_id,
    resource.c.id,
    postgresql_where=resource.c.resource_status == "available",
)
