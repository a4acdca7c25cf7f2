"""The bus's tables: outbox, inbox, parking, tasks, timers, outbound calls, idempotency keys."""

from alembic import op

revision = "bus0001"
down_revision = None
branch_labels = ("bus",)
depends_on = None

_VACUUM_OFTEN = (
    "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, "
    "autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_scale_factor = 0, "
    "autovacuum_vacuum_insert_threshold = 50000, autovacuum_analyze_scale_factor = 0, "
    "autovacuum_analyze_threshold = 50000"
)

# xid comes before seq, so that a transaction has its xid before it takes a value of the sequence:
# the relay's watermark rests on that (bus.md, 2.2).
_STATEMENTS = (
    f"""
    CREATE TABLE outbox (
      xid         xid8     NOT NULL DEFAULT pg_current_xact_id(),
      shard       smallint NOT NULL CHECK (shard >= 0 AND shard < 64),
      seq         bigint   GENERATED ALWAYS AS IDENTITY (CACHE 1),
      event_id    uuid     NOT NULL,
      topic       text     NOT NULL,
      key         bytea    NOT NULL,
      event_type  text     NOT NULL,
      agg_version bigint   NOT NULL,
      headers     bytea    NOT NULL,
      payload     bytea    NOT NULL,
      created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (shard, seq),
      CHECK (octet_length(payload) + octet_length(headers) <= 900000)
    ) WITH ({_VACUUM_OFTEN})
    """,
    """
    CREATE TABLE outbox_parked (
      topic text NOT NULL, key bytea NOT NULL, event_id uuid NOT NULL, error text NOT NULL,
      parked_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, key)
    )
    """,
    """
    CREATE TABLE inbox (
      event_day date NOT NULL, consumer smallint NOT NULL, event_id uuid NOT NULL,
      PRIMARY KEY (event_day, consumer, event_id)
    ) PARTITION BY RANGE (event_day)
    """,
    "CREATE TABLE inbox_other PARTITION OF inbox DEFAULT",
    """
    CREATE TABLE parked_key (
      consumer smallint NOT NULL, topic text NOT NULL, key bytea NOT NULL, reason text NOT NULL,
      parked_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (consumer, topic, key)
    )
    """,
    """
    CREATE TABLE parked_event (
      consumer smallint NOT NULL, topic text NOT NULL, kpartition integer NOT NULL,
      koffset bigint NOT NULL, key bytea NOT NULL, event_id uuid, event_type text NOT NULL,
      headers bytea NOT NULL, payload bytea NOT NULL, error_class text NOT NULL,
      error_text text NOT NULL, parked_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (consumer, topic, kpartition, koffset)
    )
    """,
    "CREATE INDEX parked_event_key ON parked_event (consumer, topic, key, kpartition, koffset)",
    """
    CREATE TABLE participant_task (
      task_id text PRIMARY KEY, task_type text NOT NULL, process_id text NOT NULL,
      reply_to text NOT NULL, customer_id text, correlation_id text NOT NULL, causation_id text,
      traceparent text, outcome bytea, received_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE timer (
      kind text NOT NULL, key text NOT NULL, due_at timestamptz NOT NULL, PRIMARY KEY (kind, key)
    )
    """,
    "CREATE INDEX timer_due ON timer (due_at)",
    """
    CREATE TABLE outbound_call (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, key text NOT NULL,
      call_id text NOT NULL, request jsonb NOT NULL, attempts integer NOT NULL DEFAULT 0,
      due_at timestamptz NOT NULL DEFAULT now(), correlation_id text NOT NULL, causation_id text,
      traceparent text
    )
    """,
    "CREATE INDEX outbound_call_due ON outbound_call (kind, due_at)",
    "CREATE INDEX outbound_call_key ON outbound_call (kind, key, seq)",
    """
    CREATE TABLE idempotency_key (
      scope text, key text, request_hash bytea NOT NULL, status smallint NOT NULL,
      headers jsonb NOT NULL, body bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (scope, key)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "idempotency_key",
        "outbound_call",
        "timer",
        "participant_task",
        "parked_event",
        "parked_key",
        "inbox",
        "outbox_parked",
        "outbox",
    ):
        op.execute(f"DROP TABLE {table}")
