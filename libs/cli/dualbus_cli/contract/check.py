"""Whether today's contract keeps every promise that a release made: FULL_TRANSITIVE per major."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from dualbus_events.broker import ReceivedRecord
from dualbus_events.catalogue import TOPICS
from dualbus_events.facts import FactTopic
from dualbus_events.messages import fact_of, open_envelope, reply_of, task_of
from dualbus_events.schema.operations import Topic
from dualbus_kit.errors import Invalid
from jsonschema import Draft202012Validator

from dualbus_cli.contract.compatibility import breaks_between
from dualbus_cli.contract.generated import HEADERS
from dualbus_cli.contract.releases import Release
from dualbus_cli.contract.samples import Sample

Schemas = Mapping[str, Mapping[str, Any]]
_TOPICS = {topic.name: topic for topic in TOPICS}


def broken_promises(
    schemas: Schemas,
    samples: Mapping[str, Sequence[Sample]],
    released: Mapping[str, Sequence[Release]],
) -> list[str]:
    """What today's schemas, samples and models break, in sentences; empty when nothing.

    Every release is compared with today's schema; its samples must be read by today's schema and
    models; today's samples must be read by its schema.
    """
    return [
        f"{release.name}: {problem}"
        for topic, versions in released.items()
        for release in versions
        for problem in _problems(release, schemas, samples.get(topic, ()))
    ]


def _problems(release: Release, schemas: Schemas, samples: Sequence[Sample]) -> Iterator[str]:
    today = schemas.get(release.topic)
    if today is None:
        yield "the topic is gone; what was released stays beside its successor"
        return
    yield from map(str, breaks_between(release.schema, today))
    for sample in release.samples:
        kind = f"its sample {sample.headers.get('ce_type')}"
        yield from (f"{kind} breaks today's schema: {one}" for one in _errors(today, sample.value))
        headers = _errors(schemas[HEADERS], sample.headers)
        yield from (f"{kind} breaks today's headers: {one}" for one in headers)
        if (problem := unreadable(_TOPICS[release.topic], sample)) is not None:
            yield f"{kind} is not read by today's model: {problem}"
    for sample in samples:
        kind = f"today's sample {sample.headers['ce_type']}"
        for one in _errors(release.schema, sample.value):
            yield f"{kind} breaks the released schema: {one}"


def _errors(schema: Mapping[str, Any], value: object) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path} {error.message}" for error in validator.iter_errors(value)]


def unreadable(topic: Topic, sample: Sample) -> str | None:
    """Why today's consumers can't read a message as it was on the log; None if they can."""
    record = ReceivedRecord(
        topic=topic.name,
        partition=0,
        offset=0,
        key=sample.key.encode(),
        value=orjson.dumps(sample.value),
        headers=[(name, value.encode()) for name, value in sample.headers.items()],
        timestamp_ms=0,
    )
    try:
        envelope = open_envelope(record)
        if isinstance(topic, FactTopic):
            fact_of(envelope, topic).document  # noqa: B018
        else:
            (reply_of if topic.carries_replies else task_of)(envelope)
    except (Invalid, ValueError, KeyError) as error:
        # pydantic's ValidationError is a ValueError; KeyError: no resource under `event`.
        return f"{type(error).__name__}: {error}"
    return None
