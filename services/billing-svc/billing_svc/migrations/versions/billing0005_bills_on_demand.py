"""TMF678 customerBillOnDemand: bills beside those of the runs, and how far they have gone."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0005"
down_revision = "billing0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table("customer_bill_on_demand")
    op.create_table(
        "billed_on_demand",
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("charge_id", sa.Text, primary_key=True),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
    )
    op.execute("ALTER TABLE customer_bill ADD COLUMN run_type text NOT NULL DEFAULT 'onCycle'")
    op.execute("DROP INDEX customer_bill_account_period")
    op.execute(
        "CREATE UNIQUE INDEX customer_bill_account_period"
        " ON customer_bill (account_id, period, currency) WHERE run_type = 'onCycle'"
    )
