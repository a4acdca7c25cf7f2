"""A standby of a PostgreSQL server: a copy of it that follows, and can be promoted."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from dualbus_cli.embedded import postgres
from dualbus_cli.embedded.postgres import PostgresServer
from dualbus_cli.embedded.state import ServerState


def start_standby(directory: Path, primary_dsn: str) -> str:
    """Copy the primary, follow it through the same address; the standby's DSN."""
    data = directory / "data"
    directory.mkdir(parents=True)
    copy = [str(postgres._BINARIES / "pg_basebackup"), "-d", primary_dsn, "-D", str(data)]
    subprocess.run(
        [*copy, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"],
        check=True,
        capture_output=True,
    )
    ServerState(secret=urlsplit(primary_dsn).password).save(directory)
    return PostgresServer(directory, usual_port=None).start()


def stop_standby(directory: Path) -> None:
    PostgresServer(directory, usual_port=None).stop()


async def promote(standby_dsn: str) -> None:
    """Make it the primary; returns when it takes writes."""
    connection = await asyncpg.connect(standby_dsn)
    try:
        assert await connection.fetchval("SELECT pg_promote()")
    finally:
        await connection.close()
