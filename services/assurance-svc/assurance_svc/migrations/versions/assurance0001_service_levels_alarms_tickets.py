"""Service levels, agreements, alarms, trouble tickets, and which service stands on what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "assurance0001"
down_revision = None
branch_labels = ("assurance",)
depends_on = "bus0001"


def upgrade() -> None:
    op.create_table(
        "service_level_specification", *_document(), sa.Column("name", sa.Text, nullable=False)
    )
    op.create_table("service_level_objective", *_document())
    op.create_table(
        "service_level_agreement",
        *_document(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("product_id", sa.Text),
    )
    op.create_index("service_level_agreement_service", "service_level_agreement", ["service_id"])
    op.create_index("service_level_agreement_product", "service_level_agreement", ["product_id"])
    op.create_table(
        "alarm",
        *_document(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("alarmed_object_id", sa.Text, nullable=False),
    )
    op.create_index("alarm_object", "alarm", ["alarmed_object_id"])
    op.create_table(
        "trouble_ticket",
        *_document(),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("party_ids", JSONB, nullable=False),
        sa.Column("open_resource_id", sa.Text),
    )
    op.create_index("trouble_ticket_party", "trouble_ticket", ["party_ids"], postgresql_using="gin")
    op.create_index("trouble_ticket_open_resource", "trouble_ticket", ["open_resource_id"])
    op.create_table(
        "service_resource",
        sa.Column("service_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("href", sa.Text),
        sa.Column("customer_id", sa.Text),
        sa.Column("product_id", sa.Text),
        sa.Column("resource_ids", JSONB, nullable=False),
    )
    op.create_index(
        "service_resource_resources", "service_resource", ["resource_ids"], postgresql_using="gin"
    )


def _document() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("body", JSONB, nullable=False),
    ]
