"""Catalogs, categories and candidates; indexes that serve filters of specifications by any attribute."""

from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "provisioning0002"
down_revision = "provisioning0001"
branch_labels = None
depends_on = None

_NEW = (
    "service_catalog",
    "service_category",
    "service_candidate",
    "resource_catalog",
    "resource_category",
    "resource_candidate",
)
_SPECIFICATIONS = ("service_specification", "resource_specification")


def upgrade() -> None:
    for name in _NEW:
        create_searchable_table(name)
    for name in _SPECIFICATIONS:
        op.create_index(
            f"{name}_body",
            name,
            ["body"],
            postgresql_using="gin",
            postgresql_ops={"body": "jsonb_path_ops"},
        )


def downgrade() -> None:
    for name in _SPECIFICATIONS:
        op.drop_index(f"{name}_body")
    for name in reversed(_NEW):
        op.drop_table(name)
