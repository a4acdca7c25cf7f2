"""One database and one role per service; a role can't open another's database."""

from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from dualbus_cli.embedded.errors import ServerUnreachable


def database_url(dsn: str, *, role: str, password: str) -> str:
    """The DSN of a service's own database on the server of `dsn`, named like its role."""
    server = urlsplit(dsn)
    address = server.netloc.rpartition("@")[2]
    return urlunsplit(
        (
            server.scheme,
            f"{role}:{quote(password, safe='')}@{address}",
            f"/{role}",
            server.query,
            "",
        )
    )


async def create_databases(dsn: str, passwords: dict[str, str]) -> list[str]:
    """Make what is missing, set every password; names of the databases that are new.

    `dsn` is of a role that may create databases and roles. Raises ServerUnreachable.
    """
    try:
        connection = await asyncpg.connect(dsn)
    except (OSError, asyncpg.PostgresError) as error:
        address = urlsplit(dsn).netloc.rpartition("@")[2]
        raise ServerUnreachable(f"No way into PostgreSQL at {address}: {error}") from error
    try:
        await _close_shared_databases(connection)
        return [
            role
            for role, password in passwords.items()
            if await _create(connection, role=role, password=password)
        ]
    finally:
        await connection.close()


async def _create(
    connection: "asyncpg.Connection[asyncpg.Record]", *, role: str, password: str
) -> bool:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    # DDL takes no parameters, so the server itself does the quoting.
    statement = await connection.fetchval(
        "SELECT format('%s ROLE %I LOGIN PASSWORD %L', $1::text, $2::text, $3::text)",
        "ALTER" if known else "CREATE",
        role,
        password,
    )
    await connection.execute(statement)
    if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", role):
        return False
    await connection.execute(f'CREATE DATABASE "{role}" OWNER "{role}"')
    await connection.execute(f'REVOKE ALL ON DATABASE "{role}" FROM PUBLIC')
    return True


async def _close_shared_databases(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    mine = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if mine:
        # Everybody may connect to these by default, and make temporary tables there.
        await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
