"""The gateway sends every path to the service that has it."""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from dualbus_cli.programs import SERVICES
from dualbus_events.catalogue import EVENT_TYPES_BY_SCHEMA
from dualbus_events.outbox import REPLY_SCHEMA, TASK_SCHEMA
from dualbus_events.service import ServiceSpec
from fastapi import APIRouter, FastAPI

from tests.conformance.every_case import cases_by_service

GATEWAY: Final = Path(__file__).parents[2] / "deploy" / "gateway"
ROUTE: Final = re.compile(r"^~(?P<path>\S+)\s+(?P<owner>\w+);$", re.MULTILINE)
NAMES: Final = [service.name for service in SERVICES]


def gateway_routes() -> list[tuple[re.Pattern[str], str]]:
    text = (GATEWAY / "routes.conf").read_text()
    return [(re.compile(found["path"]), found["owner"]) for found in ROUTE.finditer(text)]


def owners(path: str) -> list[str]:
    return [owner for pattern, owner in gateway_routes() if pattern.search(path)]


def service_of(name: str) -> ServiceSpec:
    spec: ServiceSpec = importlib.import_module(f"{name}_svc.service").SERVICE
    return spec


@cache
def paths_of(name: str) -> list[str]:
    """Every path of a service, with an id in place of a parameter."""
    app = FastAPI()
    everything = APIRouter()
    for router in service_of(name).routers:
        everything.include_router(router)
    app.include_router(everything)
    return [re.sub(r"\{\w+\}", "018f-4a", path) for path in app.openapi()["paths"]]


def schemas() -> set[tuple[str, str]]:
    """Every address that a `ce_dataschema` may name, and who is asked for it."""
    facts = {(path, known.topic.owner) for path, known in EVENT_TYPES_BY_SCHEMA.items()}
    return facts | {(TASK_SCHEMA, "order"), (REPLY_SCHEMA, "order")}


@pytest.mark.parametrize("name", NAMES)
def test_every_path_of_a_service_goes_to_it(name: str) -> None:
    found = {path: owners(path) for path in paths_of(name)}

    assert found == {path: [name] for path in found}


@pytest.mark.parametrize("name", NAMES)
def test_second_paths_of_a_service_go_to_it(name: str) -> None:
    seconds = [path for case in cases_by_service().get(name, ()) for path in case.also_at]

    assert {path: owners(path) for path in seconds} == {path: [name] for path in seconds}


def test_every_route_has_paths_behind_it() -> None:
    paths = {(path, name) for name in NAMES for path in paths_of(name)}
    paths |= schemas()

    unused = [
        pattern.pattern
        for pattern, owner in gateway_routes()
        if not any(name == owner and pattern.search(path) for path, name in paths)
    ]

    assert unused == []


def test_every_schema_that_an_event_names_goes_to_the_events_owner() -> None:
    found = {(path, owner): owners(path) for path, owner in schemas()}

    assert found == {(path, owner): [owner] for path, owner in schemas()}


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/docs", "/admin/behaviour", "/tmf-api/unknown/v4/x"]
)
def test_what_is_nobodys_or_not_for_channels_goes_nowhere(path: str) -> None:
    assert owners(path) == []


def test_operators_reach_every_service_by_its_name() -> None:
    text = (GATEWAY / "nginx.conf").read_text()
    [(location, rewrite)] = re.findall(r"location ~ (\S+/ops/) \{\s*rewrite (\S+) \$1 break;", text)
    served = re.compile(location.replace("?<", "?P<"))

    owners = {name: served.search(f"/{name}/ops/parked/event") for name in NAMES}
    passed_on = {re.sub(rewrite, r"\1", f"/{name}/ops/parked/event") for name in NAMES}

    assert {name: found and found["named"] for name, found in owners.items()} == {
        name: name for name in NAMES
    }
    assert passed_on == {"/ops/parked/event"}
    assert not served.search("/order/metrics")


def test_the_gateway_knows_every_service_at_its_port() -> None:
    text = (GATEWAY / "nginx.conf").read_text()

    upstreams = dict(
        re.findall(r"^\s*upstream (\w+) .*server \1:(\d+) resolve;", text, re.MULTILINE)
    )
    named = re.findall(r"\(\?<named>([\w|]+)\)", text)

    assert upstreams == {service.name: str(service.port) for service in SERVICES}
    assert [choice.split("|") for choice in named] == [NAMES] * 4
