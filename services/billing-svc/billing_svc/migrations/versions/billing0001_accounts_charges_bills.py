"""Billing accounts, charges, bills and their lines."""

from alembic import op

revision = "billing0001"
down_revision = None
branch_labels = ("billing",)
depends_on = "bus0001"

_STATEMENTS = (
    """
    CREATE TABLE billing_account (
      id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL,
      customer_id text, state text NOT NULL, opened_for text UNIQUE
    )
    """,
    "CREATE INDEX billing_account_customer ON billing_account (customer_id)",
    "CREATE INDEX billing_account_body ON billing_account USING gin (body jsonb_path_ops)",
    "CREATE TABLE account_order (order_id text PRIMARY KEY, account_id text NOT NULL)",
    "CREATE INDEX account_order_account ON account_order (account_id)",
    """
    CREATE TABLE charge (
      id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL,
      customer_id text, account_id text NOT NULL, product_id text NOT NULL,
      price_key text NOT NULL, state text NOT NULL, recurring boolean NOT NULL,
      void boolean NOT NULL, charged_amount numeric NOT NULL,
      start_date timestamptz NOT NULL, end_date timestamptz
    )
    """,
    "CREATE UNIQUE INDEX charge_product_price ON charge (product_id, price_key) WHERE NOT void",
    "CREATE INDEX charge_product ON charge (product_id)",
    "CREATE INDEX charge_account ON charge (account_id)",
    "CREATE INDEX charge_customer ON charge (customer_id)",
    "CREATE SEQUENCE bill_number",
    """
    CREATE TABLE customer_bill (
      id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL,
      customer_id text, account_id text NOT NULL, period text NOT NULL, currency text NOT NULL,
      bill_no text NOT NULL UNIQUE, bill_date timestamptz NOT NULL, state text NOT NULL,
      total numeric NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX customer_bill_account_period ON customer_bill (account_id, period, currency)",
    "CREATE INDEX customer_bill_period ON customer_bill (period)",
    "CREATE INDEX customer_bill_customer ON customer_bill (customer_id)",
    """
    CREATE TABLE applied_customer_billing_rate (
      id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL,
      bill_id text NOT NULL, account_id text NOT NULL, product_id text NOT NULL,
      charged_amount numeric NOT NULL
    )
    """,
    "CREATE INDEX applied_customer_billing_rate_bill ON applied_customer_billing_rate (bill_id)",
    "CREATE INDEX applied_customer_billing_rate_account ON applied_customer_billing_rate (account_id)",
    "CREATE INDEX applied_customer_billing_rate_product ON applied_customer_billing_rate (product_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "applied_customer_billing_rate",
        "customer_bill",
        "charge",
        "account_order",
        "billing_account",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE bill_number")
