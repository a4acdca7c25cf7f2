"""Samples, schemas and models agree: what one allows, the others read."""

from typing import Any

import pytest
from dualbus_cli.contract.generated import schema_of
from dualbus_cli.contract.samples import Sample, samples_of
from dualbus_events.catalogue import EVENT_TYPES, TOPICS, event_types_of
from dualbus_events.facts import FactTopic
from dualbus_events.schema.operations import Topic
from dualbus_events.schema.router import published_schema
from dualbus_events.schema.values import event_schema, headers_schema
from jsonschema import Draft202012Validator

HEADERS = Draft202012Validator(headers_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
BY_NAME = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def errors(schema: dict[str, Any], value: object) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(value)]


def holds(whole: Any, part: Any) -> bool:
    """Everything of `part` is in `whole`, which may have more: attributes with a default."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


@BY_NAME
def test_samples_keep_the_topics_schema_and_that_of_the_headers(topic: Topic) -> None:
    for sample in samples_of(topic):
        assert errors(schema_of(topic), sample.value) == []
        assert [error.message for error in HEADERS.iter_errors(sample.headers)] == []


@BY_NAME
def test_samples_keep_the_schema_that_their_headers_name(topic: Topic) -> None:
    for sample in samples_of(topic):
        schema = published_schema(topic.owner, sample.headers["ce_dataschema"])
        assert schema["$id"] == sample.headers["ce_dataschema"]
        assert errors(schema, sample.value) == []


@pytest.mark.parametrize(
    "topic", [one for one in TOPICS if isinstance(one, FactTopic)], ids=lambda topic: topic.name
)
def test_a_model_reads_its_samples_and_writes_them_as_they_were(topic: FactTopic[Any]) -> None:
    for sample in samples_of(topic):
        resource = sample.value["event"][topic.resource]

        assert holds(topic.document.model_validate(resource).to_dict(), resource)


def test_there_is_a_sample_of_every_event_type() -> None:
    sampled = {s.headers["ce_type"] for topic in TOPICS for s in samples_of(topic)}

    assert sampled >= set(EVENT_TYPES)


def test_samples_are_the_same_every_time_and_survive_their_file() -> None:
    for topic in TOPICS:
        samples = samples_of(topic)

        assert samples == samples_of(topic)
        assert [Sample.from_json(sample.to_json()) for sample in samples] == samples
        assert len({sample.headers["ce_id"] for sample in samples}) == len(samples)


def test_an_event_with_another_type_or_without_a_required_attribute_breaks_its_schema() -> None:
    event_type = EVENT_TYPES["ProductOrderCreateEvent"]
    good = samples_of(event_type.topic)[0].value
    other_type = {**good, "eventType": event_types_of(event_type.topic)[1].name}
    order = {k: v for k, v in good["event"]["productOrder"].items() if k != "state"}
    stateless = {**good, "event": {"productOrder": order}}

    assert errors(event_schema(event_type), good) == []
    assert errors(event_schema(event_type), other_type)
    assert errors(event_schema(event_type), stateless) == ["'state' is a required property"]
