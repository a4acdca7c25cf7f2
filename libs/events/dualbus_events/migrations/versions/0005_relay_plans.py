"""The relay's statements go by the index, whatever the table looked like when they were planned.

Their plans are kept for as long as the relay's connection. One that was made while the outbox was
empty read the whole table: ever after, each round read every dead row, once for each shard.
"""

from alembic import op

revision = "bus0005"
down_revision = "bus0004"
branch_labels = None
depends_on = None

# A sequence number is unique in the table, so both lists name the rows, and the index finds them
# without a join, whose order would be planned.
_OUTBOX_NEXT = """
CREATE OR REPLACE FUNCTION outbox_next(
  sent_shards smallint[], sent_seqs bigint[],
  lock_space integer, wanted smallint[], lows bigint[], per_shard integer
) RETURNS TABLE (
  shard smallint, seq bigint, event_id uuid, topic text, key bytea, headers bytea, payload bytea
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  own_shards smallint[];
  own_lows bigint[];
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  IF cardinality(sent_shards) > 0 THEN
    DELETE FROM outbox o WHERE o.shard = ANY (sent_shards) AND o.seq = ANY (sent_seqs);
  END IF;
  SELECT array_agg(w.shard), array_agg(w.low) INTO own_shards, own_lows
  FROM unnest(wanted, lows) w(shard, low)
  WHERE pg_try_advisory_xact_lock(lock_space, w.shard);
  RETURN QUERY
  SELECT r.* FROM unnest(own_shards, own_lows) owned(shard, low) CROSS JOIN LATERAL (
    SELECT o.shard, o.seq, o.event_id, o.topic, o.key, o.headers, o.payload FROM outbox o
    WHERE o.shard = owned.shard AND o.seq > owned.low
      AND NOT EXISTS (SELECT FROM outbox_parked p WHERE p.topic = o.topic AND p.key = o.key)
    ORDER BY o.seq LIMIT per_shard) r
  ORDER BY r.shard, r.seq;
END $$
"""


def upgrade() -> None:
    op.execute(_OUTBOX_NEXT)


def downgrade() -> None:
    op.execute("ALTER FUNCTION outbox_next RESET ALL")
