"""TMF688: topics, the events that others post to them, and hubs on the events of one of them."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "eai0003"
down_revision = "eai0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    posted = sa.Column("posted", sa.BigInteger, nullable=False, server_default=sa.text("0"))
    create_searchable_table("topic", posted)
    create_searchable_table("event", sa.Column("topic_id", sa.Text, nullable=False))
    op.create_index("event_topic", "event", ["topic_id", "id"])
    op.add_column("subscription", sa.Column("event_key", sa.Text))


def downgrade() -> None:
    op.drop_column("subscription", "event_key")
    op.drop_table("event")
    op.drop_table("topic")
