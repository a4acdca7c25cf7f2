"""The other accounts of TMF666, and how bills are made."""

from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0002"
down_revision = "billing0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in (
        "party_account",
        "settlement_account",
        "financial_account",
        "billing_cycle_specification",
        "bill_format",
        "bill_presentation_media",
    ):
        create_searchable_table(name)
