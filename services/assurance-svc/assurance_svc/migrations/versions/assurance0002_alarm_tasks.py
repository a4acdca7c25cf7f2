"""TMF642's tasks, and the index by which they find alarms."""

from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "assurance0002"
down_revision = "assurance0001"
branch_labels = None
depends_on = None

_TASKS = (
    "ack_alarms",
    "un_ack_alarms",
    "clear_alarms",
    "comment_alarms",
    "group_alarms",
    "un_group_alarms",
)


def upgrade() -> None:
    for name in _TASKS:
        create_searchable_table(name)
    op.create_index(
        "alarm_body",
        "alarm",
        ["body"],
        postgresql_using="gin",
        postgresql_ops={"body": "jsonb_path_ops"},
    )


def downgrade() -> None:
    op.drop_index("alarm_body")
    for name in reversed(_TASKS):
        op.drop_table(name)
