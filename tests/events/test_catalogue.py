"""The catalogue holds together: names, owners, event types, schemas."""

import pytest
from dualbus_events.catalogue import EVENT_TYPES, FACT_TOPICS, TOPICS
from dualbus_events.document import Document
from dualbus_events.facts import EventType, FactTopic
from dualbus_events.schema.values import event_schema
from jsonschema import Draft202012Validator

SERVICES = {"customer", "order", "provisioning", "billing", "assurance", "eai"}


def kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name)


@pytest.mark.parametrize("topic", FACT_TOPICS, ids=lambda topic: topic.name)
def test_a_fact_topic_is_named_after_its_owner_and_resource(topic: FactTopic[Document]) -> None:
    assert topic.name == f"{topic.owner}.{kebab(topic.resource)}.v{topic.major}"
    assert topic.owner in SERVICES


def test_every_document_has_a_name_of_its_own() -> None:
    names = [topic.document.__name__ for topic in FACT_TOPICS]

    assert len(names) == len(set(names))


def test_topics_are_named_once() -> None:
    names = [topic.name for topic in TOPICS]

    assert len(names) == len(set(names))


def test_every_event_type_starts_with_its_resource() -> None:
    for name, event_type in EVENT_TYPES.items():
        resource = event_type.topic.resource
        assert name.startswith(resource[0].upper() + resource[1:])
        assert name.endswith("Event")


@pytest.mark.parametrize("event_type", EVENT_TYPES.values(), ids=lambda one: one.name)
def test_every_event_type_has_a_valid_schema(event_type: EventType[Document]) -> None:
    schema = event_schema(event_type)

    Draft202012Validator.check_schema(schema)
    assert event_type.topic.resource in schema["properties"]["event"]["properties"]
