"""Whether a process is ready: asked over HTTP, as a load balancer would."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import asyncpg
import httpx

from dualbus_cli.stack_state import RunningProcess

HealthState = Literal["ready", "not ready", "down"]
_ASK_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class HealthReport:
    """`detail` is empty when all is well, else what the process says is wrong."""

    state: HealthState
    detail: str = ""


async def ask(process: RunningProcess, client: httpx.AsyncClient) -> HealthReport:
    """The answer of `/health/ready` of a process."""
    if not process.daemon.alive():
        return HealthReport("down", "the process has ended")
    try:
        answer = await client.get(f"{process.url}/health/ready", timeout=_ASK_SECONDS)
    except httpx.HTTPError as error:
        return HealthReport("not ready", type(error).__name__)
    if answer.is_success:
        return HealthReport("ready")
    return HealthReport("not ready", _problems(answer))


def _problems(answer: httpx.Response) -> str:
    try:
        checks = answer.json()["checks"]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"
    return "; ".join(f"{name}: {said}" for name, said in checks.items() if said != "up")


async def ask_postgres(dsn: str) -> HealthReport:
    try:
        connection = await asyncpg.connect(dsn, timeout=_ASK_SECONDS)
        await connection.close()
    except OSError:
        return HealthReport("down", "no connection")
    except asyncpg.PostgresError as error:
        return HealthReport("down", str(error))
    return HealthReport("ready")


async def ask_kafka(bootstrap: str) -> HealthReport:
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        await writer.wait_closed()
    except OSError:
        return HealthReport("down", "no connection")
    return HealthReport("ready")
