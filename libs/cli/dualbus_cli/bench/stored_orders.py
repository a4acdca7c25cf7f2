"""Many product orders in order-svc's table: copies of real ones, each with values of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
import orjson
from dualbus_kit.clock import timestamp
from pydantic_core import from_json

_COLUMNS: Final = ("id", "version", "body", "state", "order_date", "external_id", "party_ids")
_CHUNK: Final = 5_000
_FIRST: Final = datetime(2025, 1, 1, tzinfo=UTC)
_SPAN: Final = timedelta(days=365)
ORDERS_OF_A_CUSTOMER: Final = 8
ORDERS_OF_A_BATCH: Final = 1_000
SPEEDS: Final = ("100 Mbit/s", "300 Mbit/s", "1 Gbit/s")
# Of a hundred orders in a row; those under way are among the newest in real life, and here.
_STATES: Final = ("completed",) * 92 + ("cancelled",) * 5 + ("failed", "rejected", "partial")
_OPEN_STATES: Final = ("acknowledged", "inProgress", "inProgress", "held")
_OPEN_SHARE: Final = 50


class StoredOrder(NamedTuple):
    """A row of order-svc's table `product_order`."""

    id: str
    version: int
    body: bytes
    state: str
    order_date: datetime
    external_id: str
    party_ids: bytes


@dataclass(frozen=True, slots=True)
class StoredOrders:
    """`count` orders of 2025, the older the lower their number, made of `bodies` in turn."""

    bodies: Sequence[bytes]
    count: int

    def id_of(self, number: int) -> str:
        """A UUIDv7 of the order's moment, as order-svc would have given it."""
        milliseconds = int(self.date_of(number).timestamp() * 1000)
        return str(UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | number))

    def customer_of(self, number: int) -> str:
        return f"customer-{number // ORDERS_OF_A_CUSTOMER:07}"

    def date_of(self, number: int) -> datetime:
        return _FIRST + _SPAN * (number / self.count)

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
        return f"batch-{number % max(self.count // ORDERS_OF_A_BATCH, 1)}"

    def speed_of(self, number: int) -> str:
        """A third of all orders has the same."""
        return SPEEDS[number % len(SPEEDS)]

    def rows(self) -> Iterator[StoredOrder]:
        """All, in the order of their ids."""
        originals = [from_json(body) for body in self.bodies]
        for number in range(self.count):
            yield self._row(number, originals[number % len(originals)])

    def _row(self, number: int, body: dict[str, Any]) -> StoredOrder:
        """`body` is changed in place: only its bytes are kept."""
        order_id, customer, state = (
            self.id_of(number),
            self.customer_of(number),
            self.state_of(number),
        )
        moment, external_id = self.date_of(number), f"external-{number:07}"
        body["href"] = body["href"].rpartition("/")[0] + "/" + order_id
        body |= {
            "id": order_id,
            "state": state,
            "orderDate": timestamp(moment),
            "externalId": external_id,
            "relatedParty": [{"id": customer, "role": "customer", "@referredType": "Customer"}],
        }
        for position, item in enumerate(body["productOrderItem"]):
            product = item["product"]
            item["state"] = state
            product["id"] = str(UUID(int=(position << 64) | number))
            product["productCharacteristic"] = [
                {"name": "serialNumber", "value": self.serial_of(number)},
                {"name": "batch", "value": self.batch_of(number)},
                {"name": "downloadSpeed", "value": self.speed_of(number)},
            ]
        parties = orjson.dumps([customer])
        return StoredOrder(order_id, 1, orjson.dumps(body), state, moment, external_id, parties)


async def store(pool: asyncpg.Pool, orders: StoredOrders, seen: Callable[[int], None]) -> None:
    """Copy them into the table, and leave it as autovacuum does sooner or later.

    `seen` is told how many are stored. The pool is one of `open_pool`, which takes jsonb as bytes.
    """
    rows, stored = orders.rows(), 0
    async with pool.acquire() as connection:
        while chunk := list(islice(rows, _CHUNK)):
            await connection.copy_records_to_table("product_order", records=chunk, columns=_COLUMNS)
            stored += len(chunk)
            seen(stored)
        await connection.execute("VACUUM ANALYZE product_order", timeout=600)
