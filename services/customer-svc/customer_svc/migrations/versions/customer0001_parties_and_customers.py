"""Individuals, organizations and customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "customer0001"
down_revision = None
branch_labels = ("customer",)
depends_on = "bus0001"


def upgrade() -> None:
    for name in ("individual", "organization"):
        op.create_table(name, *_document())
    op.create_table(
        "customer",
        *_document(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("may_order", sa.Boolean, nullable=False),
        sa.Column("engaged_party_id", sa.Text, nullable=False),
    )
    op.create_index("customer_engaged_party", "customer", ["engaged_party_id"])


def _document() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("body", JSONB, nullable=False),
    ]
