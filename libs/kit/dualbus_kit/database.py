"""PostgreSQL through asyncpg: one pool per process; JSON goes in and out as bytes."""

import asyncio
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
_JSONB_VERSION = b"\x01"
_CACHED_STATEMENTS: Final = 100
_CACHE_SIZE: Final = "statement_cache_size"


# What asyncpg raises when the server is gone, restarting or full: worth another try later.
TRANSIENT_DATABASE_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # "another operation is in progress": what a statement meets when the server goes away under it.
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    ConnectionError,
    OSError,
    asyncio.TimeoutError,
)


async def _stored_bytes(connection: asyncpg.Connection) -> None:
    """Stored JSON is handed through as bytes: no model is built to answer a read."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda body: _JSONB_VERSION + body,
        decoder=lambda body: bytes(body[1:]),
    )


async def _nothing_to_reset(_: Connection) -> None:
    """asyncpg would send a RESET at every release: a round trip, a fifth of a small read's time.

    Nothing here changes a session: locks and settings are the transaction's.
    """


def split_cache_size(dsn: str) -> tuple[str, int]:
    """The URL as PostgreSQL takes it, and how many prepared statements a session keeps.

    `?statement_cache_size=0` is for PgBouncer in transaction mode, which gives each transaction
    another session. Raises ValueError when it is no number.
    """
    url = urlsplit(dsn)
    settings = dict(parse_qsl(url.query, keep_blank_values=True))
    size = int(settings.pop(_CACHE_SIZE, _CACHED_STATEMENTS))
    return urlunsplit(url._replace(query=urlencode(settings))), size


async def open_pool(dsn: str, *, size: int, application_name: str) -> asyncpg.Pool:
    """Connect. jsonb columns take and give `bytes`. The URL may set `statement_cache_size`."""
    server, cached_statements = split_cache_size(dsn)
    return await asyncpg.create_pool(
        server,
        statement_cache_size=cached_statements,
        min_size=min(2, size),
        max_size=size,
        init=_stored_bytes,
        reset=_nothing_to_reset,
        command_timeout=60,
        server_settings={
            "application_name": application_name,
            # A process that was stopped in a transaction must not keep its locks (bus.md 2.3).
            "idle_in_transaction_session_timeout": "15s",
            "tcp_keepalives_idle": "10",
            "tcp_user_timeout": "15000",
            "client_connection_check_interval": "5s",
            # Compiling a plan takes longer than running any of ours.
            "jit": "off",
        },
    )
