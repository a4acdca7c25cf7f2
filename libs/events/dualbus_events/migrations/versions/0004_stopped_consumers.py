"""Consumers that stopped because most of their messages failed, and where to tell them to go on."""

from alembic import op

revision = "bus0004"
down_revision = "bus0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE consumer_stopped (
          consumer smallint NOT NULL, member uuid NOT NULL, reason text NOT NULL,
          stopped_at timestamptz NOT NULL DEFAULT now(), seen_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (consumer, member)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE consumer_stopped")
