"""Monitors of requests to activate and configure services (TMF640)."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "provisioning0005"
down_revision = "provisioning0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table(
        "monitor",
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
    )
    op.create_index("monitor_service", "monitor", ["service_id"])


def downgrade() -> None:
    op.drop_table("monitor")
