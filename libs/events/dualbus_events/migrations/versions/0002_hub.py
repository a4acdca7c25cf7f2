"""Webhook registrations, in the database of the service whose API they were made at."""

from alembic import op

revision = "bus_hub0001"
down_revision = "bus0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE hub (id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL, "
        "api text NOT NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE hub")
