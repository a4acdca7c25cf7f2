"""AsyncAPI 3.0 documents: of both buses whole, and of one service.

A document holds everything a subscriber needs: topic, key, headers, the schema of the value.
"""

from collections.abc import Sequence
from typing import Any

from dualbus_events.batches import ConsumerSpec
from dualbus_events.catalogue import TOPICS
from dualbus_events.schema.channels import channel, messages, schemas
from dualbus_events.schema.operations import (
    Operation,
    Topic,
    received_by,
    received_on_the_eai_bus,
    sent_by,
)

VERSION = "0.1.0"
"""Of this package. It is not asked for at run time: the container runs it without installing it."""
DEFAULT_BROKERS = ("127.0.0.1:29092",)
"""Where `make start` and `make demo` have Kafka."""


def bus_document(*, brokers: Sequence[str] = DEFAULT_BROKERS) -> dict[str, Any]:
    """Both buses: every topic, who sends to it, and on the EAI bus also who receives."""
    owners = dict.fromkeys(topic.owner for topic in TOPICS)
    sends = [operation for owner in owners for operation in sent_by(owner)]
    operations = [*sends, *received_on_the_eai_bus()]
    description = (
        "The ODS bus carries facts: an owner's full resource after each change, one topic per"
        " resource. The EAI bus carries tasks for one participant, and their answers."
    )
    return _document("Dualbus", description, TOPICS, operations, brokers)


def service_document(
    owner: str,
    title: str,
    consumers: Sequence[ConsumerSpec],
    *,
    brokers: Sequence[str] = DEFAULT_BROKERS,
) -> dict[str, Any]:
    """One service: what it sends, and what its consumers receive."""
    received = [operation for consumer in consumers for operation in received_by(owner, consumer)]
    operations = [*sent_by(owner), *received]
    used = {operation.topic.name for operation in operations}
    topics = [topic for topic in TOPICS if topic.name in used]
    return _document(f"{owner}-svc", title, topics, operations, brokers)


def _document(
    title: str,
    description: str,
    topics: Sequence[Topic],
    operations: Sequence[Operation],
    brokers: Sequence[str],
) -> dict[str, Any]:
    components = [messages(topic) for topic in topics]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": title,
            "version": VERSION,
            "description": description,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            f"kafka-{number}": {"host": broker.strip(), "protocol": "kafka"}
            for number, broker in enumerate(brokers, start=1)
        },
        "channels": {topic.name: channel(topic) for topic in topics},
        "operations": {operation.id: operation.to_dict() for operation in operations},
        "components": {
            "messages": {id_: one for found in components for id_, one in found.items()},
            "schemas": schemas(topics),
        },
    }
