"""What services publish in tests keeps the schemas that other systems are given."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from dualbus_cli.contract.generated import schema_of
from dualbus_events.catalogue import TOPICS
from dualbus_events.schema.values import headers_schema
from jsonschema import Draft202012Validator

_TOPICS = {topic.name: topic for topic in TOPICS}


def assert_keeps_contract(topic: str, headers: Mapping[str, str], value: Mapping[str, Any]) -> None:
    """Fails with everything in which a message differs from its topic's schema."""
    if topic in _TOPICS:
        found = [*_validator(topic).iter_errors(value), *_headers().iter_errors(headers)]
        complaints = [f"{error.json_path}: {error.message}" for error in found]
        assert complaints == [], f"{headers['ce_type']} breaks the contract of {topic}"


@cache
def _validator(topic: str) -> Draft202012Validator:
    return Draft202012Validator(
        schema_of(_TOPICS[topic]), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def _headers() -> Draft202012Validator:
    return Draft202012Validator(
        headers_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
