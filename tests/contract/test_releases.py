"""What was released stays readable: frozen versions, their samples, and what the check refuses."""

from pathlib import Path
from typing import Any

import pytest
from dualbus_cli.contract.check import broken_promises
from dualbus_cli.contract.generated import HEADERS, current_samples, current_schemas
from dualbus_cli.contract.releases import (
    Release,
    next_releases,
    read_releases,
    write_releases,
)
from dualbus_cli.contract.samples import Sample
from dualbus_cli.places import REPOSITORY

TOPIC = "customer.customer.v1"
SCHEMAS = current_schemas()
SAMPLES = current_samples()


def released(
    *, schema: dict[str, Any] | None = None, samples: list[Sample] | None = None
) -> dict[str, list[Release]]:
    """The customer's topic released as it is today, or as given."""
    found = Release(
        TOPIC, 0, SCHEMAS[TOPIC] if schema is None else schema, samples or SAMPLES[TOPIC]
    )
    return {TOPIC: [found]}


def changed(**attributes: Any) -> dict[str, Any]:
    """The customer's schema with other attributes; None takes one away."""
    schema = SCHEMAS[TOPIC]
    customer = schema["$defs"]["Customer"]
    properties = {
        name: value
        for name, value in {**customer["properties"], **attributes}.items()
        if value is not None
    }
    return {
        **schema,
        "$defs": {**schema["$defs"], "Customer": {**customer, "properties": properties}},
    }


def a_sample(*, without: str = "", **attributes: Any) -> Sample:
    good = SAMPLES[TOPIC][0]
    customer = {**good.value["event"]["customer"], **attributes}
    customer.pop(without, None)
    value = {**good.value, "event": {"customer": customer}}
    return Sample(good.topic, good.key, good.headers, value)


def test_every_promise_of_every_release_is_kept() -> None:
    assert broken_promises(SCHEMAS, SAMPLES, read_releases(REPOSITORY)) == []


def test_a_release_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    first = next_releases(SCHEMAS, SAMPLES, {})
    write_releases(first, tmp_path)

    again = read_releases(tmp_path)

    assert {topic: [one] for topic, one in zip(SCHEMAS, first, strict=True)} == again
    assert next_releases(SCHEMAS, SAMPLES, again) == []
    assert broken_promises(SCHEMAS, SAMPLES, again) == []


def test_only_what_has_changed_gets_a_new_version(tmp_path: Path) -> None:
    write_releases(next_releases(SCHEMAS, SAMPLES, {}), tmp_path)
    today = {**SCHEMAS, TOPIC: changed(nickname={"type": "string"})}

    (found,) = next_releases(today, SAMPLES, read_releases(tmp_path))

    assert found.name == f"{TOPIC}.1"
    assert broken_promises(today, SAMPLES, read_releases(tmp_path)) == []


def test_a_released_version_is_never_written_again(tmp_path: Path) -> None:
    first = next_releases(SCHEMAS, SAMPLES, {})
    write_releases(first, tmp_path)

    with pytest.raises(FileExistsError):
        write_releases(first, tmp_path)


def test_an_attribute_that_was_released_may_not_go() -> None:
    old = released(schema=changed(nickname={"type": "string"}))

    assert broken_promises(SCHEMAS, SAMPLES, old) == [
        f"{TOPIC}.0: event.customer.nickname: was removed (breaks old readers)"
    ]


def test_every_older_version_counts_and_not_the_newest_alone() -> None:
    """An attribute goes in one minor and comes back with another type in the next."""
    oldest = Release(TOPIC, 0, changed(rank={"type": "integer"}), ())
    newest = Release(TOPIC, 1, SCHEMAS[TOPIC], ())
    today = {**SCHEMAS, TOPIC: changed(rank={"type": "string"})}

    found = broken_promises(today, SAMPLES, {TOPIC: [oldest, newest]})

    assert [line for line in found if line.startswith(f"{TOPIC}.1:")] == []
    assert any("rank: may now be string" in line for line in found)


def test_a_topic_that_was_released_may_not_go() -> None:
    gone = {name: schema for name, schema in SCHEMAS.items() if name != TOPIC}

    (found,) = broken_promises(gone, SAMPLES, released())

    assert found.startswith(f"{TOPIC}.0: the topic is gone")


def test_a_stored_sample_must_be_read_by_todays_schema_and_model() -> None:
    old = released(samples=[a_sample(without="name")])

    found = broken_promises(SCHEMAS, SAMPLES, old)

    assert len(found) == 2
    assert "breaks today's schema: $.event.customer 'name' is a required property" in found[0]
    assert "is not read by today's model: ValidationError" in found[1]


def test_a_stored_samples_headers_must_be_those_of_today() -> None:
    good = SAMPLES[TOPIC][0]
    headers = {name: value for name, value in good.headers.items() if name != "ce_time"}

    found = broken_promises(
        SCHEMAS, SAMPLES, released(samples=[Sample(good.topic, good.key, headers, good.value)])
    )

    assert any("breaks today's headers: $ 'ce_time' is a required property" in f for f in found)
    assert any("is not read by today's model: UnreadableMessage" in f for f in found)


def test_todays_samples_must_be_read_by_released_schemas() -> None:
    found = broken_promises(SCHEMAS, {TOPIC: [a_sample(name=1)]}, released())

    assert [line for line in found if "today's sample CustomerCreateEvent breaks" in line] == found
    assert len(found) == 1


def test_headers_are_released_like_a_topic() -> None:
    assert HEADERS in {release.topic for release in next_releases(SCHEMAS, SAMPLES, {})}
