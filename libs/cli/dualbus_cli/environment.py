"""The environment a process is started with."""

import hashlib
import json
import os
from collections.abc import Mapping

from dualbus_cli.databases import database_url
from dualbus_cli.embedded.ports import HOST
from dualbus_cli.programs import OUTSIDE_OF, Program

_ALL_ROLES = "api,relay,consumer"


def settings_of(
    program: Program,
    *,
    port: int,
    dsn: str,
    bootstrap: str,
    password: str,
    hub_secret: str,
    urls: Mapping[str, str],
) -> dict[str, str]:
    """The variables of one service process; `urls` are the base URLs of all programs."""
    settings = {
        program.variable("DATABASE_URL"): database_url(
            dsn, role=program.database, password=password
        ),
        program.variable("HOST"): HOST,
        program.variable("PORT"): str(port),
        program.variable("BASE_URL"): urls[program.name],
        program.variable("ROLES"): os.environ.get(program.variable("ROLES"), _ALL_ROLES),
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "DUALBUS_HUB_SECRET": hub_secret,
    }
    if program.name in OUTSIDE_OF:
        outside, variable = OUTSIDE_OF[program.name]
        if outside in urls:
            settings[program.variable(variable)] = urls[outside]
    return settings


def fingerprint(settings: Mapping[str, str], argv: list[str]) -> str:
    """Differs when a process would be started otherwise; shows none of the passwords in it."""
    return hashlib.sha256(json.dumps([sorted(settings.items()), argv]).encode()).hexdigest()[:16]
