"""The tables of billing-svc."""

from dualbus_events.repository import document_table, searchable_table
from sqlalchemy import Boolean, Column, Date, DateTime, Index, MetaData, Numeric, Table, Text, text

METADATA = MetaData()

billing_account = document_table(
    "billing_account",
    METADATA,
    Column("customer_id", Text),
    Column("state", Text, nullable=False),
    # The customer an order opened it for, while it is open: one such account per customer.
    Column("opened_for", Text, unique=True),
    Index("billing_account_customer", "customer_id"),
    # Filters such as relatedParty.id are a jsonpath on the body.
    Index(
        "billing_account_body",
        "body",
        postgresql_using="gin",
        postgresql_ops={"body": "jsonb_path_ops"},
    ),
)

party_account = searchable_table("party_account", METADATA)
settlement_account = searchable_table("settlement_account", METADATA)
financial_account = searchable_table("financial_account", METADATA)
billing_cycle_specification = searchable_table("billing_cycle_specification", METADATA)
bill_format = searchable_table("bill_format", METADATA)
bill_presentation_media = searchable_table("bill_presentation_media", METADATA)
usage = searchable_table("usage", METADATA)
usage_specification = searchable_table("usage_specification", METADATA)

# Which orders rely on an account: undoing the order that opened it must not close it for others.
account_order = Table(
    "account_order",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Index("account_order_account", "account_id"),
)

charge = document_table(
    "charge",
    METADATA,
    Column("customer_id", Text),
    Column("account_id", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("price_key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("recurring", Boolean, nullable=False),
    Column("void", Boolean, nullable=False),
    Column("charged_amount", Numeric, nullable=False),
    Column("start_date", DateTime(timezone=True), nullable=False),
    Column("end_date", DateTime(timezone=True)),
    # A price of a product is charged once, however often the task to start it is sent.
    Index(
        "charge_product_price",
        "product_id",
        "price_key",
        unique=True,
        postgresql_where=text("NOT void"),
    ),
    Index("charge_product", "product_id"),
    Index("charge_account", "account_id"),
    Index("charge_customer", "customer_id"),
)

customer_bill = document_table(
    "customer_bill",
    METADATA,
    Column("customer_id", Text),
    Column("account_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("bill_no", Text, nullable=False, unique=True),
    Column("bill_date", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("run_type", Text, nullable=False, server_default="onCycle"),
    Column("total", Numeric, nullable=False),
    # A run bills a period of an account once; bills on demand may come between.
    Index(
        "customer_bill_account_period",
        "account_id",
        "period",
        "currency",
        unique=True,
        postgresql_where=text("run_type = 'onCycle'"),
    ),
    Index("customer_bill_period", "period"),
    Index("customer_bill_customer", "customer_id"),
    # Few bills are open at a time: what a payment looks through.
    Index(
        "customer_bill_open",
        "account_id",
        postgresql_where=text("(body #>> '{remainingAmount,value}')::numeric > 0"),
    ),
)

applied_customer_billing_rate = document_table(
    "applied_customer_billing_rate",
    METADATA,
    Column("bill_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("charged_amount", Numeric, nullable=False),
    Index("applied_customer_billing_rate_bill", "bill_id"),
    Index("applied_customer_billing_rate_account", "account_id"),
    Index("applied_customer_billing_rate_product", "product_id"),
)

# How far bills on demand have gone into a period that no run has billed yet.
billed_on_demand = Table(
    "billed_on_demand",
    METADATA,
    Column("period", Text, primary_key=True),
    Column("charge_id", Text, primary_key=True),
    Column("until", Date, nullable=False),
    Column("amount", Numeric, nullable=False),
)

customer_bill_on_demand = searchable_table("customer_bill_on_demand", METADATA)

payment = searchable_table(
    "payment",
    METADATA,
    Column("account_id", Text, nullable=False),
    Column("correlator_id", Text),
    Column("status", Text, nullable=False),
    # What settled no bill yet: the account's credit.
    Column("unapplied", Numeric, nullable=False),
    Index("payment_account", "account_id"),
    # A payment that its client sends again under its own number is the same payment.
    Index("payment_correlator", "account_id", "correlator_id", unique=True),
    Index("payment_credit", "account_id", postgresql_where=text("unapplied > 0")),
)

bucket = searchable_table(
    "bucket",
    METADATA,
    Column("account_id", Text, nullable=False),
    Column("accumulated_id", Text, nullable=False),
    Column("remaining", Numeric, nullable=False),
    Index("bucket_account", "account_id"),
    Index("bucket_accumulated", "accumulated_id"),
)

# Which sums of buckets there are; the view `accumulated_balance` adds them up.
accumulated = Table(
    "accumulated",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Index("accumulated_account", "account_id"),
)
accumulated_balance = document_table(
    "accumulated_balance", MetaData(), Column("account_id", Text, nullable=False)
)
"""A view: of its own metadata, since nothing of it is stored or published."""


def _balance_action(name: str) -> Table:
    return searchable_table(
        name,
        METADATA,
        Column("bucket_id", Text, nullable=False),
        Index(f"{name}_bucket", "bucket_id"),
    )


topup_balance = _balance_action("topup_balance")
adjust_balance = _balance_action("adjust_balance")
transfer_balance = _balance_action("transfer_balance")
reserve_balance = _balance_action("reserve_balance")

query_usage_consumption = searchable_table("query_usage_consumption", METADATA)

refund = searchable_table(
    "refund",
    METADATA,
    Column("account_id", Text, nullable=False),
    Column("correlator_id", Text),
    Column("status", Text, nullable=False),
    Index("refund_account", "account_id"),
    Index("refund_correlator", "account_id", "correlator_id", unique=True),
)
