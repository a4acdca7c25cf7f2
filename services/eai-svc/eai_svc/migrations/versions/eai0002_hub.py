"""Webhooks: subscriptions, their cursors in the log, and what waits to be posted."""

from alembic import op

revision = "eai0002"
down_revision = "eai0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE subscription (
      id text PRIMARY KEY, api text NOT NULL, callback text NOT NULL, query text,
      topics text[] NOT NULL, registered_at timestamptz NOT NULL,
      state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'parked')),
      owner uuid, lease_until timestamptz NOT NULL DEFAULT '-infinity',
      acknowledged bigint NOT NULL DEFAULT 0, last_event_id uuid, last_event_type text,
      last_acknowledged_at timestamptz, failures integer NOT NULL DEFAULT 0,
      unreachable_since timestamptz, retry_at timestamptz NOT NULL DEFAULT '-infinity',
      last_error text, last_error_at timestamptz
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE subscription_cursor (
      id uuid PRIMARY KEY, subscription_id text NOT NULL REFERENCES subscription ON DELETE CASCADE,
      live boolean NOT NULL, since timestamptz NOT NULL, until timestamptz, customer_id text,
      opened boolean NOT NULL DEFAULT false, finished_at timestamptz,
      matched bigint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX subscription_cursor_of ON subscription_cursor (subscription_id, created_at)",
    """
    CREATE TABLE subscription_position (
      cursor_id uuid REFERENCES subscription_cursor ON DELETE CASCADE, topic text,
      kpartition integer, next_offset bigint NOT NULL, end_offset bigint,
      PRIMARY KEY (cursor_id, topic, kpartition)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE delivery (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subscription_id text NOT NULL REFERENCES subscription ON DELETE CASCADE,
      cursor_id uuid NOT NULL, live boolean NOT NULL, topic text NOT NULL, key bytea NOT NULL,
      event_id uuid NOT NULL, event_type text NOT NULL, headers bytea NOT NULL,
      payload bytea NOT NULL, attempts integer NOT NULL DEFAULT 0,
      due_at timestamptz NOT NULL DEFAULT '-infinity', parked boolean NOT NULL, error text
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
    """,
    "CREATE INDEX delivery_key ON delivery (subscription_id, topic, key, seq)",
    "CREATE INDEX delivery_next ON delivery (subscription_id, seq) WHERE NOT parked",
    "CREATE INDEX delivery_parked ON delivery (subscription_id) WHERE parked",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("delivery", "subscription_position", "subscription_cursor", "subscription"):
        op.execute(f"DROP TABLE {table}")
