"""Specifications, service orders, services, resources and their pools."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "provisioning0001"
down_revision = None
branch_labels = ("provisioning",)
depends_on = "bus0001"

_COLUMNS = {
    "service_specification": (),
    "resource_specification": (),
    "service_order": ("external_id", "holds_product_id"),
    "service": ("product_id",),
    "resource": ("specification_id", "value", "resource_status", "service_id"),
}


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        state = [sa.Column("state", sa.Text, nullable=False)] if table in _WITH_STATE else []
        op.create_table(
            table,
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("version", sa.BigInteger, nullable=False),
            sa.Column("body", JSONB, nullable=False),
            *state,
            *(sa.Column(name, sa.Text) for name in columns),
        )
    op.create_table(
        "resource_pool",
        sa.Column("specification_id", sa.Text, primary_key=True),
        sa.Column("next_value", sa.BigInteger, nullable=False),
    )
    op.create_index("service_order_external_id", "service_order", ["external_id"])
    op.create_index(
        "service_order_holds",
        "service_order",
        ["holds_product_id"],
        postgresql_where=sa.text("holds_product_id IS NOT NULL"),
    )
    op.create_index("service_product", "service", ["product_id"])
    op.create_index("resource_value", "resource", ["specification_id", "value"], unique=True)
    op.create_index("resource_service", "resource", ["service_id"])
    op.create_index(
        "resource_available",
        "resource",
        ["specification_id", "id"],
        postgresql_where=sa.text("resource_status = 'available'"),
    )


_WITH_STATE = ("service_order", "service")


def downgrade() -> None:
    for table in ("resource_pool", *_COLUMNS):
        op.drop_table(table)
