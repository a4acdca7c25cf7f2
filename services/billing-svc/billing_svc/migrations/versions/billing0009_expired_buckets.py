"""TMF654: the sum of an account whose buckets have all expired is 0, and not nothing."""

from alembic import op

revision = "billing0009"
down_revision = "billing0008"
branch_labels = None
depends_on = None

_ACCUMULATED_BALANCE = """
CREATE OR REPLACE VIEW accumulated_balance AS
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
      'amount', trim_scale(coalesce(
        sum(b.remaining) FILTER (WHERE b.body ->> 'status' = 'active'), 0)),
      'units', (array_agg(b.body #>> '{remainingValue,units}'))[1])
  )) AS body
  FROM bucket b WHERE b.accumulated_id = a.id
) s
"""


def upgrade() -> None:
    op.execute(_ACCUMULATED_BALANCE)
