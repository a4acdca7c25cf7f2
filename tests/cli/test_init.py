"""`dualbus init` makes what services need on servers that others run."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from dualbus_cli.databases import database_url
from dualbus_cli.programs import existing_programs

SERVICES = [program for program in existing_programs() if program.is_service]
PASSWORD = "of everybody:/"


def init(state: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    settings = ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS")
    inherited = {name: value for name, value in os.environ.items() if not name.endswith(settings)}
    return subprocess.run(
        [sys.executable, "-m", "dualbus_cli", "init"],
        check=False,
        capture_output=True,
        text=True,
        env={**inherited, "DUALBUS_STATE_DIR": str(state), "COLUMNS": "200", **environment},
    )


def servers(dsn: str, bootstrap: str) -> dict[str, str]:
    own = {
        service.variable("DATABASE_URL"): database_url(
            dsn, role=service.database, password=PASSWORD
        )
        for service in SERVICES
    }
    return {"DATABASE_URL": dsn, "KAFKA_BOOTSTRAP_SERVERS": bootstrap, **own}


@pytest.fixture
async def empty_server(postgres_dsn: str) -> str:
    """Without the services' databases, which other tests may have made."""
    connection = await asyncpg.connect(postgres_dsn)
    for service in SERVICES:
        await connection.execute(f'DROP DATABASE IF EXISTS "{service.database}" WITH (FORCE)')
    await connection.close()
    return postgres_dsn


@pytest.mark.timeout(240)
async def test_init_makes_everything_once_and_is_harmless_again(
    empty_server: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    environment = servers(empty_server, kafka_bootstrap)

    first, second = init(tmp_path, environment), init(tmp_path, environment)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert f"{len(SERVICES)} created" in first.stdout
    assert second.stdout.count("all there") == 2
    for service in SERVICES:
        own = await asyncpg.connect(environment[service.variable("DATABASE_URL")])
        assert await own.fetchval("SELECT count(*) FROM alembic_version") > 0
        await own.close()


def test_a_service_without_a_database_url_is_named(tmp_path: Path) -> None:
    environment = servers("postgresql://postgres:x@127.0.0.1:1/postgres", "127.0.0.1:1")
    missing = SERVICES[-1].variable("DATABASE_URL")
    del environment[missing]

    done = init(tmp_path, environment)

    assert done.returncode == 2
    assert f"{missing} is not set" in done.stderr


def test_a_database_that_is_not_the_services_own_is_refused(tmp_path: Path) -> None:
    environment = servers("postgresql://postgres:x@127.0.0.1:1/postgres", "127.0.0.1:1")
    first, second = (service.variable("DATABASE_URL") for service in SERVICES[:2])
    environment[second] = environment[first]

    done = init(tmp_path, environment)

    assert done.returncode == 2
    assert f"{second} must be of role and database {SERVICES[1].database}" in done.stderr
