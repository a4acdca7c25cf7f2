"""Tables of documents in migrations.

What a released migration calls never changes: another shape is another function.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


def create_searchable_table(name: str, *columns: sa.Column[Any]) -> None:
    """What `dualbus_events.repository.searchable_table` declares."""
    op.create_table(
        name,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        *columns,
    )
    op.create_index(
        f"{name}_body",
        name,
        ["body"],
        postgresql_using="gin",
        postgresql_ops={"body": "jsonb_path_ops"},
    )
