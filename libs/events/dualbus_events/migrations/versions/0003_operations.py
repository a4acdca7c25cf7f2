"""What operators did: every action that changes what the buses do is written down."""

from alembic import op

revision = "bus0003"
down_revision = "bus0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Bytes, not jsonb: a message that was edited or skipped may hold what jsonb refuses.
    op.execute(
        """
        CREATE TABLE ops_audit (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          at timestamptz NOT NULL DEFAULT now(), operator text NOT NULL, action text NOT NULL,
          subject text NOT NULL, before bytea, after bytea
        )
        """
    )
    op.execute("CREATE INDEX parked_event_id ON parked_event (event_id)")


def downgrade() -> None:
    op.execute("DROP INDEX parked_event_id")
    op.execute("DROP TABLE ops_audit")
