"""The tables of order-svc."""

from dualbus_events.repository import document_table, searchable_table
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    FetchedValue,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData()

catalog = searchable_table("catalog", METADATA)
category = searchable_table("category", METADATA)
product_specification = searchable_table("product_specification", METADATA)
product_offering = searchable_table("product_offering", METADATA)
product_offering_price = searchable_table("product_offering_price", METADATA)
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
    # What filters on items look for, at several paths; the database derives it from the body.
    Column("item_values", JSONB, FetchedValue(), nullable=False),
    Index("product_order_party_ids", "party_ids", postgresql_using="gin"),
    Index("product_order_order_date", "order_date"),
    Index("product_order_state_order_date", "state", "order_date"),
    Index("product_order_state_id", "state", "id"),
    Index(
        "product_order_item_values",
        "item_values",
        postgresql_using="gin",
        postgresql_ops={"item_values": "jsonb_path_ops"},
    ),
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

product_offering_qualification = searchable_table("product_offering_qualification", METADATA)
shopping_cart = searchable_table("shopping_cart", METADATA)
quote = searchable_table("quote", METADATA, Column("state", Text, nullable=False))

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
