"""TMF656: service problems and the tasks on them."""

from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "assurance0003"
down_revision = "assurance0002"
branch_labels = None
depends_on = None

_TABLES = (
    "service_problem",
    "problem_acknowledgement",
    "problem_unacknowledgement",
    "problem_group",
    "problem_ungroup",
)


def upgrade() -> None:
    for name in _TABLES:
        create_searchable_table(name)


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
