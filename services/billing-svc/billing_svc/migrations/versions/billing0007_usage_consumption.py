"""TMF677: questions about consumption, with their answers."""

from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0007"
down_revision = "billing0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table("query_usage_consumption")
