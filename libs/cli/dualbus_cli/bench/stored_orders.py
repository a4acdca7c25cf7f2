"""Many product orders in order-svc's table: copies of real ones, each with values of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

import asyncpg
import orjson
from dualbus_kit.database import Connection
from pydantic_core import from_json

_CHUNK: Final = 50_000
_SECONDS: Final = 600
# For making indexes; usual in operation, and what the GIN index needs to be made in one go.
_MEMORY: Final = "512MB"
_FIRST: Final = datetime(2025, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 365 * 86_400_000
ORDERS_OF_A_CUSTOMER: Final = 8
ORDERS_OF_A_BATCH: Final = 1_000
SPEEDS: Final = ("100 Mbit/s", "300 Mbit/s", "1 Gbit/s")
# Of a hundred orders in a row; those under way are among the newest in real life, and here.
_STATES: Final = ("completed",) * 92 + ("cancelled",) * 5 + ("failed", "rejected", "partial")
_OPEN_STATES: Final = ("acknowledged", "inProgress", "inProgress", "held")
_OPEN_SHARE: Final = 50

# What StoredOrders says of one number, for a range of them: made by the database, which takes a
# fraction of the time that it takes here.
_ROWS: Final = """
WITH numbered AS (
    SELECT n, $4::timestamptz + n * $5::bigint / $3::bigint * interval '1 ms' AS moment,
           lpad(to_hex((extract(epoch FROM $4::timestamptz) * 1000)::bigint
                       + n * $5::bigint / $3::bigint), 12, '0') AS milliseconds,
           lpad(to_hex(n), 12, '0') AS number,
           CASE WHEN n >= $3 - $3 / $6::bigint THEN ($7::text[])[1 + n % cardinality($7::text[])]
                ELSE ($8::text[])[1 + n * 37 % cardinality($8::text[])] END AS state,
           'customer-' || lpad((n / $9::bigint)::text, 7, '0') AS customer
    FROM generate_series($1::bigint, $2::bigint - 1) AS n
), identified AS MATERIALIZED (
    SELECT *, left(milliseconds, 8) || '-' || right(milliseconds, 4) || '-7000-8000-' || number
           AS id
    FROM numbered
)
SELECT id, 1,
       format(($10::text[])[1 + n % cardinality($10::text[])], id, number, state,
              to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), customer,
              lpad(n::text, 9, '0'), n % $11::bigint,
              ($12::text[])[1 + n % cardinality($12::text[])]),
       state, moment, 'external-' || lpad(n::text, 9, '0'), jsonb_build_array(customer)
FROM identified ORDER BY n
"""
_COLUMNS: Final = ("id", "version", "body", "state", "order_date", "external_id", "party_ids")
_UNREAD_BLOCKS: Final = 64


@dataclass(frozen=True, slots=True)
class StoredOrders:
    """`count` orders of 2025, the older the lower their number, made of `bodies` in turn."""

    bodies: Sequence[bytes]
    count: int

    def id_of(self, number: int) -> str:
        """A UUIDv7 of the order's moment, as order-svc would have given it."""
        milliseconds = self._after_first(number) + round(_FIRST.timestamp() * 1000)
        return str(UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | number))

    def customer_of(self, number: int) -> str:
        return f"customer-{number // ORDERS_OF_A_CUSTOMER:07}"

    def date_of(self, number: int) -> datetime:
        return _FIRST + timedelta(milliseconds=self._after_first(number))

    def state_of(self, number: int) -> str:
        """One in fifty is open, the newest ones."""
        if number >= self.count - self.count // _OPEN_SHARE:
            return _OPEN_STATES[number % len(_OPEN_STATES)]
        # 37 has no factor in common with 100: neighbours differ, and all shares are kept.
        return _STATES[number * 37 % len(_STATES)]

    def serial_of(self, number: int) -> str:
        """No two orders have the same."""
        return f"SN{number:09}"

    def batch_of(self, number: int) -> str:
        """A thousand orders have the same, spread over the whole year."""
        return f"batch-{number % self.batches}"

    @property
    def batches(self) -> int:
        return max(self.count // ORDERS_OF_A_BATCH, 1)

    def speed_of(self, number: int) -> str:
        """A third of all orders has the same."""
        return SPEEDS[number % len(SPEEDS)]

    def _after_first(self, number: int) -> int:
        """In whole milliseconds, the precision that is stored."""
        return _MILLISECONDS * number // self.count

    def templates(self) -> list[str]:
        """The bodies with places for `format`, as `_ROWS` fills them."""
        return [_template(body) for body in self.bodies]


def _template(original: bytes) -> str:
    body = from_json(original.replace(b"%", b"%%"))
    body["href"] = body["href"].rpartition("/")[0] + "/%1$s"
    body |= {
        "id": "%1$s",
        "state": "%3$s",
        "orderDate": "%4$s",
        "externalId": "external-%6$s",
        "relatedParty": [{"id": "%5$s", "role": "customer", "@referredType": "Customer"}],
    }
    for position, item in enumerate(body["productOrderItem"]):
        product = item["product"]
        item["state"] = "%3$s"
        product["id"] = f"00000000-0000-{position:04x}-0000-%2$s"
        product["productCharacteristic"] = [
            {"name": "serialNumber", "value": "SN%6$s"},
            {"name": "batch", "value": "batch-%7$s"},
            {"name": "downloadSpeed", "value": "%8$s"},
        ]
    return orjson.dumps(body).decode()


async def store(pool: asyncpg.Pool, orders: StoredOrders, seen: Callable[[int], None]) -> None:
    """Put them into the table, in place of what is there, and leave it as autovacuum does sooner
    or later.

    One connection makes them and another one stores them, so that each has a core; indexes are made
    afterwards, which is several times as quick as to keep them. `seen` is told how many are stored.
    """
    ends = [*range(0, orders.count, _CHUNK), orders.count]
    async with pool.acquire() as made_by, pool.acquire() as stored_by:
        async with stored_by.transaction():
            definitions = await _emptied(stored_by)
            for first, end in pairwise(ends):
                await _copy(made_by, stored_by, _values(orders, first, end))
                seen(end)
            for definition in definitions:
                await stored_by.execute(definition, timeout=_SECONDS)
        await stored_by.execute("VACUUM ANALYZE product_order", timeout=_SECONDS)


async def _copy(made_by: Connection, stored_by: Connection, values: Sequence[object]) -> None:
    """The rows of one range. They are frozen: what VACUUM would write once more for every page."""
    blocks: asyncio.Queue[bytes | None] = asyncio.Queue(_UNREAD_BLOCKS)

    async def make() -> None:
        await made_by.copy_from_query(_ROWS, *values, output=blocks.put, timeout=_SECONDS)
        await blocks.put(None)

    async def made() -> AsyncIterator[bytes]:
        while block := await blocks.get():
            yield block

    async with asyncio.TaskGroup() as group:
        group.create_task(make())
        await stored_by.copy_to_table(
            "product_order", source=made(), columns=_COLUMNS, freeze=True, timeout=_SECONDS
        )


def _values(orders: StoredOrders, first: int, end: int) -> list[object]:
    """What `_ROWS` needs."""
    return [
        first,
        end,
        orders.count,
        _FIRST,
        _MILLISECONDS,
        _OPEN_SHARE,
        _OPEN_STATES,
        _STATES,
        ORDERS_OF_A_CUSTOMER,
        orders.templates(),
        orders.batches,
        SPEEDS,
    ]


async def _emptied(connection: Connection) -> list[str]:
    """Leave the primary key alone; the statements that make the other indexes again."""
    await connection.execute(
        f"TRUNCATE product_order; SET LOCAL maintenance_work_mem = '{_MEMORY}'"
    )
    rows = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition "
        "FROM pg_index WHERE indrelid = 'product_order'::regclass AND NOT indisprimary ORDER BY 1"
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["definition"] for row in rows]
