"""Orders for resources and their cancellations (TMF652)."""

from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "provisioning0004"
down_revision = "provisioning0003"
branch_labels = None
depends_on = None

_NEW = ("resource_order", "cancel_resource_order")


def upgrade() -> None:
    for name in _NEW:
        create_searchable_table(name)


def downgrade() -> None:
    for name in reversed(_NEW):
        op.drop_table(name)
