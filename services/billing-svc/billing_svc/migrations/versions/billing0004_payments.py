"""TMF676: payments, and which bills are open."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0004"
down_revision = "billing0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table(
        "payment",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("correlator_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("unapplied", sa.Numeric, nullable=False),
    )
    op.create_index("payment_account", "payment", ["account_id"])
    op.create_index("payment_correlator", "payment", ["account_id", "correlator_id"], unique=True)
    op.execute("CREATE INDEX payment_credit ON payment (account_id) WHERE unapplied > 0")
    op.execute(
        "CREATE INDEX customer_bill_open ON customer_bill (account_id)"
        " WHERE (body #>> '{remainingAmount,value}')::numeric > 0"
    )
