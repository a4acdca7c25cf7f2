"""The tables of webhooks: subscriptions, how far each has read, and what waits to be posted."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
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


def _of_subscription() -> Column[str]:
    return Column(
        "subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), nullable=False
    )


subscription = Table(
    "subscription",
    metadata,
    Column("id", Text, primary_key=True),
    Column("api", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("query", Text),
    Column("topics", ARRAY(Text), nullable=False),
    # Where one key's events are wanted only.
    Column("event_key", Text),
    Column("registered_at", _MOMENT, nullable=False),
    # active, paused by a person, or parked: nobody answered for too long.
    Column("state", Text, nullable=False, server_default=text("'active'")),
    # The process that delivers, as long as its lease lasts.
    Column("owner", Uuid),
    Column("lease_until", _MOMENT, nullable=False, server_default=text("'-infinity'")),
    Column("acknowledged", BigInteger, nullable=False, server_default=text("0")),
    Column("last_event_id", Uuid),
    Column("last_event_type", Text),
    Column("last_acknowledged_at", _MOMENT),
    # Rounds without any answer since the last one, and when the next is due.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("unreachable_since", _MOMENT),
    Column("retry_at", _MOMENT, nullable=False, server_default=text("'-infinity'")),
    Column("last_error", Text),
    Column("last_error_at", _MOMENT),
)

# One reader of the log: the live one, or a replay, which ends.
subscription_cursor = Table(
    "subscription_cursor",
    metadata,
    Column("id", Uuid, primary_key=True),
    _of_subscription(),
    Column("live", Boolean, nullable=False),
    Column("since", _MOMENT, nullable=False),
    Column("until", _MOMENT),
    Column("customer_id", Text),
    Column("opened", Boolean, nullable=False, server_default=text("false")),
    Column("finished_at", _MOMENT),
    Column("matched", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", _MOMENT, nullable=False, server_default=text("clock_timestamp()")),
    Index("subscription_cursor_of", "subscription_id", "created_at"),
)

subscription_position = Table(
    "subscription_position",
    metadata,
    Column(
        "cursor_id",
        Uuid,
        ForeignKey("subscription_cursor.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("topic", Text, primary_key=True),
    Column("kpartition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    # Where a replay ends; None: it goes on for ever.
    Column("end_offset", BigInteger),
)

# What was read and is not yet acknowledged: the record's own bytes.
delivery = Table(
    "delivery",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    _of_subscription(),
    Column("cursor_id", Uuid, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", _MOMENT, nullable=False, server_default=text("'-infinity'")),
    Column("parked", Boolean, nullable=False),
    Column("error", Text),
    Index("delivery_key", "subscription_id", "topic", "key", "seq"),
    Index("delivery_next", "subscription_id", "seq", postgresql_where=text("NOT parked")),
    Index("delivery_parked", "subscription_id", postgresql_where=text("parked")),
)  # fmt: skip
