"""Heartbeats of the owners, and what the last verification found."""

from alembic import op

revision = "ods0003"
down_revision = "ods0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE heartbeat (
      service text, beat_at timestamptz, published_up_to timestamptz NOT NULL,
      PRIMARY KEY (service, beat_at)
    )
    """,
    """
    CREATE TABLE verification (
      topic text, cause text, differences bigint NOT NULL,
      verified_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, cause)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE verification, heartbeat")
