"""The tables of customer-svc's database."""

from dualbus_events.repository import document_table, searchable_table
from sqlalchemy import Boolean, Column, Index, MetaData, Text

metadata = MetaData()

individual = document_table("individual", metadata)
organization = document_table("organization", metadata)
customer = document_table(
    "customer",
    metadata,
    Column("name", Text, nullable=False),
    Column("status", Text),
    Column("may_order", Boolean, nullable=False),
    Column("engaged_party_id", Text, nullable=False),
)
Index("customer_engaged_party", customer.c.engaged_party_id)
party_role = searchable_table("party_role", metadata)
party_interaction = searchable_table("party_interaction", metadata)
communication_message = searchable_table("communication_message", metadata)
sales_lead = searchable_table("sales_lead", metadata)
user_role = searchable_table("user_role", metadata)
permission = searchable_table("permission", metadata)
agreement = searchable_table("agreement", metadata)
agreement_specification = searchable_table("agreement_specification", metadata)
