"""The projection: facts, timeline, track of orders, freshness."""

from alembic import op

revision = "ods0001"
down_revision = None
branch_labels = ("ods",)
depends_on = "bus0001"

_STATEMENTS = (
    """
    CREATE TABLE fact (
      resource text NOT NULL, id text NOT NULL, version bigint NOT NULL, event_type text NOT NULL,
      event_time timestamptz NOT NULL, deleted boolean NOT NULL, customer_id text,
      other_customer_ids text[], party_id text, state text, body bytea NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (resource, id)
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX fact_customer ON fact (customer_id, resource) WHERE customer_id IS NOT NULL",
    """
    CREATE INDEX fact_other_customers ON fact USING gin (other_customer_ids)
    WHERE other_customer_ids IS NOT NULL
    """,
    "CREATE INDEX fact_applied ON fact USING brin (applied_at) WITH (autosummarize = on)",
    """
    CREATE TABLE timeline (
      customer_id text, event_time timestamptz, event_id uuid, event_type text NOT NULL,
      resource text NOT NULL, id text NOT NULL, version bigint NOT NULL, name text, state text,
      correlation_id text NOT NULL, PRIMARY KEY (customer_id, event_time, event_id)
    )
    """,
    """
    CREATE TABLE track (
      process_id text, task_id text, type text NOT NULL, item_id text, sent_at timestamptz,
      answered_at timestamptz, outcome text, error bytea, PRIMARY KEY (process_id, task_id)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE projection_freshness (
      topic text, kpartition integer, unread bigint NOT NULL, as_of timestamptz,
      PRIMARY KEY (topic, kpartition)
    ) WITH (fillfactor = 50)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("projection_freshness", "track", "timeline", "fact"):
        op.execute(f"DROP TABLE {table}")
