"""The tables of assurance-svc's database."""

from dualbus_events.repository import document_table, searchable_table
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

service_level_specification = document_table(
    "service_level_specification", metadata, Column("name", Text, nullable=False)
)
service_level_objective = document_table("service_level_objective", metadata)

service_level_agreement = document_table(
    "service_level_agreement",
    metadata,
    Column("state", Text, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("product_id", Text),
)
Index("service_level_agreement_service", service_level_agreement.c.service_id)
Index("service_level_agreement_product", service_level_agreement.c.product_id)

alarm = searchable_table(
    "alarm",
    metadata,
    Column("state", Text, nullable=False),
    Column("alarmed_object_id", Text, nullable=False),
)
Index("alarm_object", alarm.c.alarmed_object_id)

ack_alarms = searchable_table("ack_alarms", metadata)
un_ack_alarms = searchable_table("un_ack_alarms", metadata)
clear_alarms = searchable_table("clear_alarms", metadata)
comment_alarms = searchable_table("comment_alarms", metadata)
group_alarms = searchable_table("group_alarms", metadata)
un_group_alarms = searchable_table("un_group_alarms", metadata)

service_problem = searchable_table("service_problem", metadata)
problem_acknowledgement = searchable_table("problem_acknowledgement", metadata)
problem_unacknowledgement = searchable_table("problem_unacknowledgement", metadata)
problem_group = searchable_table("problem_group", metadata)
problem_ungroup = searchable_table("problem_ungroup", metadata)

trouble_ticket = searchable_table(
    "trouble_ticket",
    metadata,
    Column("status", Text, nullable=False),
    Column("party_ids", JSONB, nullable=False),
    # Set only while alarms on the resource may still join the ticket.
    Column("open_resource_id", Text),
)
Index("trouble_ticket_party", trouble_ticket.c.party_ids, postgresql_using="gin")
Index("trouble_ticket_open_resource", trouble_ticket.c.open_resource_id)

service_resource = Table(
    "service_resource",
    metadata,
    Column("service_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("name", Text),
    Column("href", Text),
    Column("customer_id", Text),
    Column("product_id", Text),
    Column("resource_ids", JSONB, nullable=False),
)
Index("service_resource_resources", service_resource.c.resource_ids, postgresql_using="gin")
