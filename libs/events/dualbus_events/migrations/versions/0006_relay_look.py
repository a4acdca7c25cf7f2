"""The look of an idle relay goes by its watermark, as its rounds do.

While any old snapshot is held, deleted rows stay. A look at the whole table read all of them,
several times a second: with a million of them, that alone took the better part of a core.
"""

from alembic import op

revision = "bus0006"
down_revision = "bus0005"
branch_labels = None
depends_on = None

_OUTBOX_WAITING = """
CREATE FUNCTION outbox_waiting(shards smallint[], lows bigint[]) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM unnest(shards, lows) w(shard, low) CROSS JOIN LATERAL (
      SELECT FROM outbox o WHERE o.shard = w.shard AND o.seq > w.low LIMIT 1) r);
END $$
"""


def upgrade() -> None:
    op.execute(_OUTBOX_WAITING)


def downgrade() -> None:
    op.execute("DROP FUNCTION outbox_waiting")
