"""Tickets are found by any attribute, such as the breach of what was promised."""

from alembic import op

revision = "assurance0004"
down_revision = "assurance0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "trouble_ticket_body",
        "trouble_ticket",
        ["body"],
        postgresql_using="gin",
        postgresql_ops={"body": "jsonb_path_ops"},
    )


def downgrade() -> None:
    op.drop_index("trouble_ticket_body", "trouble_ticket")
