"""One round trip for what a batch asks first, one for a round of the relay."""

from alembic import op

revision = "bus0002"
down_revision = "bus0001"
branch_labels = None
depends_on = None

# Functions, because each statement of one sees what was committed before it: the second must see
# what the first waited for. In one statement, or one with CTEs, both would share a snapshot.
_INBOX_CLAIM = """
CREATE FUNCTION inbox_claim(
  consumer_ smallint, days date[], ids uuid[], topics text[], keys bytea[],
  OUT fresh uuid[], OUT parked integer[]
) LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(ids) > 0 THEN
    WITH claimed AS (
      INSERT INTO inbox (event_day, consumer, event_id)
      SELECT day, consumer_, id FROM unnest(days, ids) claim(day, id)
      ON CONFLICT DO NOTHING RETURNING event_id
    ) SELECT array_agg(event_id) INTO fresh FROM claimed;
  END IF;
  -- The share lock lets no release happen before this transaction ends.
  SELECT array_agg(found.position) INTO parked FROM (
    SELECT k.position FROM parked_key p
    JOIN unnest(topics, keys) WITH ORDINALITY k(topic, key, position)
      ON p.topic = k.topic AND p.key = k.key
    WHERE p.consumer = consumer_ FOR SHARE OF p
  ) found;
END $$
"""
_OUTBOX_NEXT = """
CREATE FUNCTION outbox_next(
  sent_shards smallint[], sent_seqs bigint[],
  lock_space integer, wanted smallint[], lows bigint[], per_shard integer
) RETURNS TABLE (
  shard smallint, seq bigint, event_id uuid, topic text, key bytea, headers bytea, payload bytea
) LANGUAGE plpgsql AS $$
DECLARE
  own_shards smallint[];
  own_lows bigint[];
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  IF cardinality(sent_shards) > 0 THEN
    DELETE FROM outbox o USING unnest(sent_shards, sent_seqs) sent(shard, seq)
    WHERE o.shard = sent.shard AND o.seq = sent.seq;
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
    op.execute(_INBOX_CLAIM)
    op.execute(_OUTBOX_NEXT)


def downgrade() -> None:
    op.execute("DROP FUNCTION inbox_claim, outbox_next")
