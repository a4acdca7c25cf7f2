"""TMF635: usage records and their specifications."""

from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0003"
down_revision = "billing0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_searchable_table("usage")
    create_searchable_table("usage_specification")
