"""schemathesis over every service's OpenAPI: no 500, no answer outside its own definition."""

import importlib
import os
from typing import Any, Final

import pytest
import schemathesis
from dualbus_cli.programs import SERVICES
from dualbus_events.service import ServiceSpec
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup

from tests.fuzz.served import served

_EXAMPLES: Final = int(os.environ.get("DUALBUS_FUZZ_EXAMPLES", "0"))
"""Requests to each operation, valid and invalid ones: set by `make fuzz`."""

_SECONDS: Final = 90
"""For one answer, on a machine that is busy with other tests."""

_STEP: Final = 1 if _EXAMPLES else 7
"""Otherwise one request to every seventh operation, the same each time: all verbs come up."""

_CHECKS: Final = [
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
_SETTINGS: Final = settings(
    max_examples=_EXAMPLES or 1,
    deadline=None,
    derandomize=not _EXAMPLES,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(300 + 120 * _EXAMPLES)
@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_answers_are_what_the_openapi_says(name: str, postgres_dsn: str) -> None:
    spec: ServiceSpec = importlib.import_module(f"{name}_svc.service").SERVICE
    failures: list[str] = []
    with served(spec, postgres_dsn) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json", timeout=_SECONDS)
        for result in list(schema.get_all_operations())[::_STEP]:
            failures += _failures_of(result)
    assert failures == []


def _failures_of(result: Any) -> list[str]:
    """Of one operation; schemathesis has no types for what it hands out."""
    operation = result.ok()
    found: list[str] = []
    valid = operation.as_strategy(schemathesis.GenerationMode.POSITIVE)
    invalid = operation.as_strategy(schemathesis.GenerationMode.NEGATIVE)

    @_SETTINGS
    @given(case=valid | invalid)
    def try_it(case: Any) -> None:
        try:
            case.call_and_validate(checks=_CHECKS, timeout=_SECONDS)
        except FailureGroup as group:
            found.extend(f"{operation.label}: {failure}" for failure in group.exceptions)

    try_it()
    return found
