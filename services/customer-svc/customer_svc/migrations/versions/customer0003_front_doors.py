"""Party roles, interactions, messages, sales leads, user roles and permissions."""

from dualbus_events.migrations.documents import create_searchable_table

revision = "customer0003"
down_revision = "customer0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in (
        "party_role",
        "party_interaction",
        "communication_message",
        "sales_lead",
        "user_role",
        "permission",
    ):
        create_searchable_table(name)
