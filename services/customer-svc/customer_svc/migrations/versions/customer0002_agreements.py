"""Agreements and their specifications."""

from dualbus_events.migrations.documents import create_searchable_table

revision = "customer0002"
down_revision = "customer0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("agreement", "agreement_specification"):
        create_searchable_table(name)
