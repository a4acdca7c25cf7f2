"""The tables of order-svc."""

from dualbus_events.repository import document_table
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData()

category = document_table("category", METADATA)
product_specification = document_table("product_specification", METADATA)
product_offering = document_table("product_offering", METADATA)
product_offering_price = document_table("product_offering_price", METADATA)
fulfilment_plan = document_table("fulfilment_plan", METADATA)

# Changes with every change of the catalogue (by triggers), and is never the same twice, in any
# database: whatever was read under one revision may be kept in memory under it.
catalogue_revision = Table(
    "catalogue_revision",
    METADATA,
    Column("only_row", Boolean, primary_key=True),
    Column("revision", Uuid, nullable=False),
)

product_order = document_table(
    "product_order",
    METADATA,
    Column("state", Text, nullable=False),
    Column("order_date", DateTime(timezone=True), nullable=False),
    Column("external_id", Text),
    Column("party_ids", JSONB, nullable=False),
    Index("product_order_party_ids", "party_ids", postgresql_using="gin"),
    Index("product_order_order_date", "order_date"),
    Index("product_order_external_id", "external_id", postgresql_where=text("external_id <> ''")),
)
cancel_product_order = document_table(
    "cancel_product_order",
    METADATA,
    Column("product_order_id", Text, nullable=False),
    Index("cancel_product_order_product_order_id", "product_order_id"),
)
product = document_table(
    "product",
    METADATA,
    Column("status", Text, nullable=False),
    Column("party_ids", JSONB, nullable=False),
    Index("product_party_ids", "party_ids", postgresql_using="gin"),
)

# Not a resource: nobody outside sees it but through /ops/process. `body` is what a step changes.
process = Table(
    "process",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("body", JSONB, nullable=False),
    Index(
        "process_not_ended",
        "state",
        "id",
        postgresql_where=text("state <> 'ended'"),
    ),
)
