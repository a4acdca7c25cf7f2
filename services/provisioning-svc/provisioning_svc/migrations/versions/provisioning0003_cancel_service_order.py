"""Cancellations of service orders (TMF641)."""

from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "provisioning0003"
down_revision = "provisioning0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table("cancel_service_order")


def downgrade() -> None:
    op.drop_table("cancel_service_order")
