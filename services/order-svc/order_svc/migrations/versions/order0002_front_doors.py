"""TMF620's catalog, qualifications, shopping carts and quotes; indexes that serve filters of the catalogue by any attribute."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "order0002"
down_revision = "order0001"
branch_labels = None
depends_on = None

_CATALOGUE = ("category", "product_specification", "product_offering", "product_offering_price")


def upgrade() -> None:
    for name in ("catalog", "product_offering_qualification", "shopping_cart"):
        create_searchable_table(name)
    create_searchable_table("quote", sa.Column("state", sa.Text, nullable=False))
    for name in _CATALOGUE:
        op.create_index(
            f"{name}_body",
            name,
            ["body"],
            postgresql_using="gin",
            postgresql_ops={"body": "jsonb_path_ops"},
        )


def downgrade() -> None:
    for name in _CATALOGUE:
        op.drop_index(f"{name}_body")
    for name in ("quote", "shopping_cart", "product_offering_qualification", "catalog"):
        op.drop_table(name)
