"""The services of the system, as the tests of the contract need them."""

import importlib
from functools import cache
from typing import Any

from dualbus_cli.programs import SERVICES
from dualbus_events.schema.asyncapi import service_document
from dualbus_events.service import ServiceSpec


def service_spec(name: str) -> ServiceSpec:
    spec: ServiceSpec = importlib.import_module(f"{name}_svc.service").SERVICE
    return spec


@cache
def service_documents() -> dict[str, dict[str, Any]]:
    """What `python -m <service> asyncapi` prints, without starting seven processes."""
    specs = [service_spec(program.name) for program in SERVICES]
    return {spec.name: service_document(spec.name, spec.title, spec.consumers) for spec in specs}
