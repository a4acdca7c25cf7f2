"""Room for a process to change where it is stored: each changes five times within a second."""

from alembic import op

revision = "order0004"
down_revision = "order0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Uncompressed up to a page, and updates that need no new entries in the indexes.
    op.execute("ALTER TABLE process SET (toast_tuple_target = 8160, fillfactor = 40)")


def downgrade() -> None:
    op.execute("ALTER TABLE process RESET (toast_tuple_target, fillfactor)")
