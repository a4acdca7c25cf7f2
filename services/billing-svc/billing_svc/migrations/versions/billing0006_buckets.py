"""TMF654: buckets, their sums, and the actions on them."""

import sqlalchemy as sa
from alembic import op
from dualbus_events.migrations.documents import create_searchable_table

revision = "billing0006"
down_revision = "billing0005"
branch_labels = None
depends_on = None

# The sums there are come first, so that one that is looked up by its id or its account adds up its
# own buckets and no others.
_ACCUMULATED_BALANCE = """
CREATE VIEW accumulated_balance AS
SELECT a.id, s.version, s.body, a.account_id
FROM accumulated a CROSS JOIN LATERAL (
  SELECT sum(b.version)::bigint AS version, jsonb_strip_nulls(jsonb_build_object(
    '@type', 'AccumulatedBalance',
    'id', a.id,
    'href', (array_agg(regexp_replace(b.body ->> 'href', '/bucket/[^/]*$',
      '/accumulatedBalance/' || a.id) ORDER BY b.id))[1],
    'name', (array_agg(concat(b.body ->> 'usageType', ' (',
      b.body #>> '{remainingValue,units}', ')')))[1],
    'partyAccount', (array_agg(b.body -> 'partyAccount' ORDER BY b.id))[1],
    'relatedParty', (array_agg(b.body -> 'relatedParty' ORDER BY b.id))[1],
    'product', nullif(jsonb_path_query_array(jsonb_agg(b.body ORDER BY b.id), '$[*].product[*]'),
      '[]'),
    'logicalResource', (array_agg(b.body #> '{logicalResource,0}' ORDER BY b.id))[1],
    'bucket', jsonb_agg(jsonb_build_object('id', b.id, 'href', b.body ->> 'href',
      'name', b.body ->> 'name', '@referredType', 'Bucket') ORDER BY b.id),
    'totalBalance', jsonb_build_object(
      'amount', trim_scale(sum(b.remaining) FILTER (WHERE b.body ->> 'status' = 'active')),
      'units', (array_agg(b.body #>> '{remainingValue,units}'))[1])
  )) AS body
  FROM bucket b WHERE b.accumulated_id = a.id
) s
"""


def upgrade() -> None:
    create_searchable_table(
        "bucket",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("accumulated_id", sa.Text, nullable=False),
        sa.Column("remaining", sa.Numeric, nullable=False),
    )
    op.create_index("bucket_account", "bucket", ["account_id"])
    op.create_index("bucket_accumulated", "bucket", ["accumulated_id"])
    op.create_table(
        "accumulated",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
    )
    op.create_index("accumulated_account", "accumulated", ["account_id"])
    op.execute(_ACCUMULATED_BALANCE)
    for name in ("topup_balance", "adjust_balance", "transfer_balance", "reserve_balance"):
        create_searchable_table(name, sa.Column("bucket_id", sa.Text, nullable=False))
        op.create_index(f"{name}_bucket", name, ["bucket_id"])
