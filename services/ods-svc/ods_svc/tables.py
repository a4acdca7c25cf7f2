"""The tables of the projection. None is owned here: all can be dropped and read from the bus."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData()
_MOMENT = DateTime(timezone=True)

# The last known state of every resource. Bodies are the owner's bytes: nothing here looks into
# them, so they are not jsonb. Only columns that seldom change are indexed, so that nearly all
# updates are heap-only; a BRIN index does not stand in their way.
fact = Table(
    "fact",
    metadata,
    Column("resource", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("event_time", _MOMENT, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("customer_id", Text),
    Column("other_customer_ids", ARRAY(Text)),
    Column("party_id", Text),
    Column("state", Text),
    Column("body", LargeBinary, nullable=False),
    Column("applied_at", _MOMENT, nullable=False, server_default=text("clock_timestamp()")),
    Column("life_since", _MOMENT),
)
Index(
    "fact_customer",
    fact.c.customer_id,
    fact.c.resource,
    postgresql_where=text("customer_id IS NOT NULL"),
)
Index(
    "fact_other_customers",
    fact.c.other_customer_ids,
    postgresql_using="gin",
    postgresql_where=text("other_customer_ids IS NOT NULL"),
)
Index("fact_applied", fact.c.applied_at, postgresql_using="brin")

timeline = Table(
    "timeline",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("event_time", _MOMENT, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("name", Text),
    Column("state", Text),
    Column("correlation_id", Text, nullable=False),
)

track = Table(
    "track",
    metadata,
    Column("process_id", Text, primary_key=True),
    Column("task_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("item_id", Text),
    Column("sent_at", _MOMENT),
    Column("answered_at", _MOMENT),
    Column("outcome", Text),
    Column("error", LargeBinary),
)

projection_freshness = Table(
    "projection_freshness",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("kpartition", Integer, primary_key=True),
    Column("unread", BigInteger, nullable=False),
    Column("as_of", _MOMENT),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("service", Text, primary_key=True),
    Column("beat_at", _MOMENT, primary_key=True),
    Column("published_up_to", _MOMENT, nullable=False),
)

verification = Table(
    "verification",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("differences", BigInteger, nullable=False),
    Column("verified_at", _MOMENT, nullable=False, server_default=text("now()")),
)
