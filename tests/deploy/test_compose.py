"""The compose file starts the programs that `dualbus start` starts, told the same things."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from dualbus_cli.programs import OUTSIDE, OUTSIDE_OF, PROGRAMS, SERVICES, Program

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
TEXT: Final = (DEPLOY / "docker-compose.yml").read_text()
CONTAINERS: Final[dict[str, Any]] = yaml.safe_load(TEXT)["services"]


def container_of(program: Program) -> dict[str, Any]:
    container: dict[str, Any] = CONTAINERS[program.name.replace("_", "-")]
    return container


def test_every_program_has_a_container_and_there_are_no_others() -> None:
    programs = {program.name.replace("_", "-") for program in PROGRAMS}

    assert set(CONTAINERS) == programs | {"postgres", "kafka", "init", "gateway"}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_container_runs_its_program_and_asks_it_for_its_health(program: Program) -> None:
    container = container_of(program)

    assert container["command"][:3] == ["python", "-m", program.module]
    assert container["healthcheck"]["test"][-1] == str(program.port)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_is_told_its_own_database_and_the_gateways_address(service: Program) -> None:
    environment = container_of(service)["environment"]

    password = f"${{{service.variable('DATABASE_PASSWORD')}:?is made by make up}}"
    dsn = f"postgresql://{service.database}:{password}@postgres:5432/{service.database}"
    assert environment == {
        "KAFKA_BOOTSTRAP_SERVERS": "kafka:19092",
        "DUALBUS_HUB_SECRET": "${HUB_PASSWORD:?is made by make up}",
        service.variable("HOST"): "0.0.0.0",
        service.variable("PORT"): service.port,
        service.variable("BASE_URL"): "${PUBLIC_URL:-http://localhost:${GATEWAY_PORT:-8080}}",
        service.variable("DATABASE_URL"): dsn,
        **outside_address(service),
    }
    assert CONTAINERS["init"]["environment"][service.variable("DATABASE_URL")] == dsn


def outside_address(service: Program) -> dict[str, str]:
    if service.name not in OUTSIDE_OF:
        return {}
    name, variable = OUTSIDE_OF[service.name]
    port = next(program.port for program in OUTSIDE if program.name == name)
    return {service.variable(variable): f"http://{name.replace('_', '-')}:{port}"}


def test_only_the_gateway_and_kafka_are_published_and_only_to_this_machine() -> None:
    published = {name: c["ports"] for name, c in CONTAINERS.items() if "ports" in c}

    assert set(published) == {"gateway", "kafka"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_every_password_comes_from_the_environment() -> None:
    passwords = re.findall(r"(?:PASSWORD: |//\w+:(?=.*@))([^\n@]+)", TEXT)

    assert len(passwords) == len(SERVICES) + 2
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?is made by make up\}", each) for each in passwords)


def test_what_has_no_registry_is_built_once() -> None:
    built = [name for name, container in CONTAINERS.items() if "build" in container]

    assert built == ["init"]
    assert {container_of(program)["image"] for program in PROGRAMS} == {"dualbus:local"}
