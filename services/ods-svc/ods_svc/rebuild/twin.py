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
_OPTIONS = "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = to_regclass($1)"
_POSITION = f"""
CREATE TABLE {NEXT}.position (
  topic text, kpartition integer, next_offset bigint NOT NULL, PRIMARY KEY (topic, kpartition)
) WITH (fillfactor = 50)
"""


class SwitchBlocked(RuntimeError):
    """Someone reads the tables without end, so they could not be exchanged; try again later."""


async def create_twin(connection: Connection) -> None:
    """The tables of today's schema, empty, with their primary keys; other indexes come later."""
    async with connection.transaction():
        await connection.execute(f"CREATE SCHEMA {NEXT}")
        for table in TABLES:
            options = await connection.fetchval(_OPTIONS, f"public.{table}")
            await connection.execute(
                f"CREATE TABLE {NEXT}.{table} (LIKE public.{table} INCLUDING DEFAULTS "
                f"INCLUDING STORAGE) {f'WITH ({options})' if options else ''}"
            )
        await _copy_indexes(connection, primary=True)
        await connection.execute(_POSITION)


async def index_twin(connection: Connection) -> None:
    """The indexes that serve readers: cheaper to make at once than to keep while filling."""
    await _copy_indexes(connection, primary=False)
    for table in TABLES:
        await connection.execute(f"ANALYZE {NEXT}.{table}")


async def twin_is_usable(connection: Connection) -> bool:
    """Whether a twin is there, and still like the tables that it is to replace."""
    twin = [tuple(row) for row in await connection.fetch(_COLUMNS, NEXT, TABLES)]
    return twin == [tuple(row) for row in await connection.fetch(_COLUMNS, "public", TABLES)]


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


async def _copy_indexes(connection: Connection, *, primary: bool) -> None:
    for table in TABLES:
        for index in await connection.fetch(_INDEXES, table):
            if index["primary"] is not primary:
                continue
            name, definition = index["name"], index["definition"]
            # An index lives in the schema of its table, so two may have the same name.
            here = definition.replace(f" ON public.{table} ", f" ON {NEXT}.{table} ")
            here = here.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1)
            await connection.execute(here)
            if primary:
                await connection.execute(
                    f"ALTER TABLE {NEXT}.{table} ADD CONSTRAINT {name} "
                    f"PRIMARY KEY USING INDEX {name}"
                )
