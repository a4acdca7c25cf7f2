"""The branch of eai-svc starts without tables: it keeps its work in those of the bus."""

revision = "eai0001"
down_revision = None
branch_labels = ("eai",)
depends_on = "bus0001"


def upgrade() -> None:
    """There is nothing to create."""


def downgrade() -> None:
    """There is nothing to drop."""
