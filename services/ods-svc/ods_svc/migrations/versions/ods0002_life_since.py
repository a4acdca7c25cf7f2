"""Facts know when their former life ended, for resources deleted and created anew."""

from alembic import op

revision = "ods0002"
down_revision = "ods0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE fact ADD COLUMN life_since timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE fact DROP COLUMN life_since")
