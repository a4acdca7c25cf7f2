"""The AsyncAPI documents say what a subscriber needs, and what each service does."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import pytest
from dualbus_events.batches import ConsumerSpec
from dualbus_events.catalogue import FACT_TOPICS, TOPICS, event_types_of
from dualbus_events.contract.order import ProductOrder, ProductOrderStateChangeEvent
from dualbus_events.facts import Fact
from dualbus_events.handlers import Handlers
from dualbus_events.schema.asyncapi import bus_document, service_document
from dualbus_events.unit_of_work import UnitOfWork

from tests.contract.service_specs import service_documents

CHANNEL = "#/channels/order.product-order.v1"


async def ignore(events: Sequence[Fact[ProductOrder]], uow: UnitOfWork) -> None: ...


def operations(document: dict[str, Any], action: str) -> set[str]:
    return {
        one["channel"]["$ref"].removeprefix("#/channels/")
        for one in document["operations"].values()
        if one["action"] == action
    }


def test_the_documents_have_the_version_of_the_package() -> None:
    assert bus_document()["info"]["version"] == version("dualbus-events")


def test_the_document_of_both_buses_has_every_topic_with_its_settings() -> None:
    document = bus_document()

    settings = {
        name: (channel["address"], channel["bindings"]["kafka"]["partitions"])
        for name, channel in document["channels"].items()
    }
    assert settings == {topic.name: (topic.name, topic.partitions) for topic in TOPICS}


def test_a_fact_topic_carries_its_event_types() -> None:
    document = bus_document()

    for topic in FACT_TOPICS:
        messages = document["channels"][topic.name]["messages"]
        assert list(messages) == [event_type.name for event_type in event_types_of(topic)]


def test_every_topic_has_one_service_that_owns_it_and_says_so() -> None:
    documents = service_documents()

    for topic in FACT_TOPICS:
        senders = [n for n, one in documents.items() if topic.name in operations(one, "send")]
        assert senders == [topic.owner]


def test_the_process_manager_sends_tasks_and_takes_their_replies() -> None:
    order = service_documents()["order"]

    assert {one for one in operations(order, "send") if one.startswith("task.")} == {
        topic.name for topic in TOPICS if topic.name.startswith("task.")
    }
    assert operations(order, "receive") == {"task-reply.order.v1"}


def test_a_participant_takes_tasks_and_sends_replies() -> None:
    billing = service_documents()["billing"]

    (task,) = [one for id_, one in billing["operations"].items() if id_.endswith("task.billing.v1")]

    assert "task-reply.order.v1" in operations(billing, "send")
    assert "billing.open" in task["summary"]


def test_a_consumer_that_reads_some_events_of_a_topic_names_them() -> None:
    consumer = ConsumerSpec("test-svc.gadget", 1, Handlers())
    consumer.handlers.on(ProductOrderStateChangeEvent)(ignore)

    document = service_document("test", "A test", [consumer])

    assert document["operations"] == {
        "test-svc.gadget.receive.order.product-order.v1": {
            "action": "receive",
            "channel": {"$ref": CHANNEL},
            "summary": "What the owner says of its resource.",
            "messages": [{"$ref": f"{CHANNEL}/messages/ProductOrderStateChangeEvent"}],
            "bindings": {
                "kafka": {
                    "groupId": {"type": "string", "enum": ["test-svc.gadget"]},
                    "bindingVersion": "0.5.0",
                }
            },
        }
    }


@pytest.mark.parametrize("name", sorted(service_documents()))
def test_a_document_holds_only_what_its_service_uses(name: str) -> None:
    document = service_documents()[name]

    used = operations(document, "send") | operations(document, "receive")

    assert set(document["channels"]) == used


def test_every_broker_is_a_server_of_its_own() -> None:
    document = bus_document(brokers=["one:9092", " two:9092"])

    assert [server["host"] for server in document["servers"].values()] == ["one:9092", "two:9092"]
