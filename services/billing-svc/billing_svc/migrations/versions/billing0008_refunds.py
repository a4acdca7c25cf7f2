"""TMF676: refunds."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0008"
down_revision = "billing0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table(
        "refund",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("correlator_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
    )
    op.create_index("refund_account", "refund", ["account_id"])
    op.create_index("refund_correlator", "refund", ["account_id", "correlator_id"], unique=True)
