"""The second set of tables: made like the first, put in its place in one transaction.

It lives in the schema `next` until then; afterwards the first set is in `previous`.
"""

import asyncio

import asyncpg
from dualbus_kit.database import Connection

NEXT = "next"
PREVIOUS = "previous"
TABLES = ("fact", "timeline", "track")
"""In the order in which a batch writes them, so that nobody waits crosswise."""

_SWITCH_TRIES = 20
_BETWEEN_TRIES_SECONDS = 0.5

_COLUMNS = """
SELECT c.relname, a.attname, a.atttypid::regtype::text AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = to_regnamespace($1) AND c.relname = ANY($2) AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY 1, 2
"""
_INDEXES = """
SELECT i.indrelid::regclass::text AS table, c.relname AS name, i.indisprimary AS primary,
       pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass('public.' || $1) ORDER BY i.indisprimary DESC, c.relname
"""
_MISSING_INDEX = """
SELECT EXISTS (SELECT FROM pg_indexes serving
  WHERE schemaname = 'public' AND tablename = ANY($2) AND NOT EXISTS (
    SELECT FROM pg_indexes WHERE schemaname = $1 AND indexname = serving.indexname))
"""
_OPTIONS = "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = to_regclass($1)"
LONG_STATEMENT_SECONDS = 6 * 3600.0
"""Statements over a whole table take minutes for each hundred million rows."""


class SwitchBlocked(RuntimeError):
    """Someone reads the tables without end, so they could not be exchanged; try again later."""


async def create_schema(connection: Connection) -> None:
    """The tables of today's schema, empty."""
    await connection.execute(f"CREATE SCHEMA {NEXT}")
    for table in TABLES:
        await create_table(connection, table)


async def create_table(connection: Connection, table: str) -> None:
    """Like the one that serves, without its indexes; in place of one that is there already."""
    options = await connection.fetchval(_OPTIONS, f"public.{table}")
    await connection.execute(f"DROP TABLE IF EXISTS {NEXT}.{table}")
    await connection.execute(
        f"CREATE TABLE {NEXT}.{table} (LIKE public.{table} INCLUDING DEFAULTS "
        f"INCLUDING STORAGE) {f'WITH ({options})' if options else ''}"
    )


async def index_table(connection: Connection, table: str) -> None:
    """The primary key and all other indexes: cheaper to make at once than to keep while filling."""
    for index in await connection.fetch(_INDEXES, table):
        # An index lives in the schema of its table, so two may have the same name.
        here = index["definition"].replace(f" ON public.{table} ", f" ON {NEXT}.{table} ")
        await connection.execute(here, timeout=LONG_STATEMENT_SECONDS)
        if index["primary"]:
            await connection.execute(
                f"ALTER TABLE {NEXT}.{table} ADD CONSTRAINT {index['name']} "
                f"PRIMARY KEY USING INDEX {index['name']}"
            )
    await connection.execute(f"ANALYZE {NEXT}.{table}", timeout=LONG_STATEMENT_SECONDS)


async def has_columns_of_today(connection: Connection) -> bool:
    """Whether a twin is there, and still like the tables that it is to replace."""
    twin = [tuple(row) for row in await connection.fetch(_COLUMNS, NEXT, TABLES)]
    return twin == [tuple(row) for row in await connection.fetch(_COLUMNS, "public", TABLES)]


async def has_indexes_of_today(connection: Connection) -> bool:
    """Whether each of the serving tables' indexes is there."""
    missing: bool = await connection.fetchval(_MISSING_INDEX, NEXT, TABLES)
    return not missing


async def drop_twin(connection: Connection) -> None:
    """Forget a twin that was begun, and what an earlier switch left behind."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {NEXT} CASCADE")
    await drop_previous(connection)


async def drop_previous(connection: Connection) -> None:
    """Forget the tables that were replaced."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {PREVIOUS} CASCADE")


async def lock_out_writers(connection: Connection) -> None:
    """Until the transaction ends: batches under way are waited for, new ones wait, reads go on."""
    names = ", ".join(f"public.{table}" for table in TABLES)
    await connection.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


async def exchange(connection: Connection) -> None:
    """Put the twin in the first set's place, in the transaction of `lock_out_writers`.

    Statements that wait for the old tables find the new ones by their names once this commits.
    Raises SwitchBlocked.
    """
    names = ", ".join(f"public.{table}" for table in TABLES)
    for attempt in range(_SWITCH_TRIES):
        try:
            # Readers queue behind this lock, so it must not wait long for one of them.
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '300ms'")
                await connection.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
                break
        except asyncpg.LockNotAvailableError:
            if attempt == _SWITCH_TRIES - 1:
                raise SwitchBlocked(names) from None
            await asyncio.sleep(_BETWEEN_TRIES_SECONDS)
    await connection.execute(f"CREATE SCHEMA {PREVIOUS}")
    for table in TABLES:
        await connection.execute(f"ALTER TABLE public.{table} SET SCHEMA {PREVIOUS}")
        await connection.execute(f"ALTER TABLE {NEXT}.{table} SET SCHEMA public")
    await connection.execute(f"DROP SCHEMA {NEXT} CASCADE")
