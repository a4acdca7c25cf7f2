"""Every API with the service that has it, as parameters of tests."""

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import pytest
from dualbus_events.service import ServiceSpec

from tests.conformance.case import Case
from tests.conformance.every_case import cases_by_service


@dataclass(frozen=True)
class ServedApi:
    """One API on one service."""

    name: str
    """`TMF622`"""
    service: str
    cases: list[Case]

    @property
    def spec(self) -> ServiceSpec:
        spec: ServiceSpec = importlib.import_module(f"{self.service}_svc.service").SERVICE
        return spec


EVERY_API: Final = [
    ServedApi(name, service, [case for case in cases if case.api == name])
    for service, cases in cases_by_service().items()
    for name in dict.fromkeys(case.api for case in cases)
]


def parameters(*, at_once: Collection[str] = ()) -> list[Any]:
    """For `pytest.mark.parametrize`: those in `at_once` in `make test`, all in `make clients`."""
    return [
        pytest.param(
            api,
            id=f"{api.name}-{api.service}",
            marks=[] if api.name in at_once else [pytest.mark.clients],
        )
        for api in EVERY_API
    ]
