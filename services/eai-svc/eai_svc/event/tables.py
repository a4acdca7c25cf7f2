"""The tables of TMF688: topics, and the events that others posted to them."""

from dualbus_events.repository import searchable_table
from sqlalchemy import BigInteger, Column, Index, Text, text

from eai_svc.hub.tables import metadata

# `posted` counts the events of a topic: it is the last one's version.
topic = searchable_table(
    "topic", metadata, Column("posted", BigInteger, nullable=False, server_default=text("0"))
)
event = searchable_table("event", metadata, Column("topic_id", Text, nullable=False))
Index("event_topic", event.c.topic_id, event.c.id)
