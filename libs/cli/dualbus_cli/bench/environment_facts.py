"""What the figures were measured on."""

import os
import platform
import subprocess
from pathlib import Path

import asyncpg

from dualbus_cli.embedded.kafka_jars import locked_jars
from dualbus_cli.places import REPOSITORY


async def environment_facts(dsn: str) -> dict[str, str | int | float]:
    """Machine, versions and commit, each under `environment.`; the load before it all began."""
    connection = await asyncpg.connect(dsn)
    try:
        postgres = await connection.fetchval("SHOW server_version")
        fsync = await connection.fetchval("SHOW fsync")
    finally:
        await connection.close()
    return {
        "environment.cpu": _cpu_model(),
        "environment.cores": os.cpu_count() or 0,
        "environment.python": platform.python_version(),
        "environment.postgres": f"{postgres}, fsync {fsync}",
        "environment.kafka": _kafka_version(),
        "environment.commit": _commit(),
        "environment.load_before": round(os.getloadavg()[0], 1),
    }


def _kafka_version() -> str:
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return "named by the environment"
    return next(jar.version for jar in locked_jars() if jar.artifact == "kafka_2.13")


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or "unknown"
