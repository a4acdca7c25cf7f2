"""Facts on their way: from the owner's commit until the ODS has applied them, at a fixed rate.

The facts are written to customer-svc's outbox directly, as its own units of work would, so that
the bus is measured and not HTTP; relay, Kafka and the ODS are those of the running system.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg
from dualbus_events.aggregate import RecordedEvent
from dualbus_events.contract.customer import INDIVIDUAL, Individual, IndividualCreateEvent
from dualbus_events.outbox import OutboxMessage, fact_message, write_of_messages
from dualbus_events.writes import carry_out
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp_now
from dualbus_kit.database import open_pool
from dualbus_kit.ids import new_id

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.percentiles import milliseconds
from dualbus_cli.bench.report import Figures
from dualbus_cli.stack import Stack

FACT_RATES: Final = (100.0, 500.0)
_DRAIN_SECONDS: Final = 60.0
_APPLIED = """
SELECT id, extract(epoch FROM applied_at)::float8 AS at FROM fact
WHERE resource = $1 AND id = ANY($2::text[])
"""


class FactWriter:
    """Commits facts of individuals, one a transaction; made by `fact_writer`."""

    def __init__(self, owner: asyncpg.Pool, ods: asyncpg.Pool) -> None:
        self._owner = owner
        self._ods = ods

    async def at_rate(self, per_second: float, *, seconds: float) -> list[float]:
        """Open loop. Seconds from commit to applied, by the database's clock, of each fact.

        Raises BenchFailed when one is not applied in time.
        """
        committed: dict[str, float] = {}
        begun = time.time()
        async with asyncio.TaskGroup() as group:
            for n in range(round(per_second * seconds)):
                await asyncio.sleep(max(0.0, begun + n / per_second - time.time()))
                group.create_task(self._commit(committed))
        applied = await self._applied(list(committed))
        return [max(0.0, applied[id_] - at) for id_, at in committed.items()]

    async def _commit(self, committed: dict[str, float]) -> None:
        message = _individual()
        async with self._owner.acquire() as connection, connection.transaction():
            await carry_out(connection, [write_of_messages([message])])
        committed[message.key] = time.time()

    async def _applied(self, ids: list[str]) -> dict[str, float]:
        deadline = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < deadline:
            rows = await self._ods.fetch(_APPLIED, INDIVIDUAL.resource, ids)
            if len(rows) == len(ids):
                return {row["id"]: row["at"] for row in rows}
            await asyncio.sleep(0.2)
        raise BenchFailed(f"{len(ids) - len(rows)} facts were not applied in the ODS in time")


@asynccontextmanager
async def fact_writer(stack: Stack) -> AsyncIterator[FactWriter]:
    """A writer into a running system."""
    async with AsyncExitStack() as closing:
        pools = []
        for service in ("customer", "ods"):
            pool = await open_pool(stack.database_url(service), size=8, application_name="bench")
            closing.push_async_callback(pool.close)
            pools.append(pool)
        yield FactWriter(*pools)


async def measure_facts(writer: FactWriter, per_second: float, *, seconds: float) -> Figures:
    """p50 and p99, in milliseconds, at one rate."""
    took = await writer.at_rate(per_second, seconds=seconds)
    rate = f"@{per_second:.0f}"
    return {f"facts.applied_p{p}_ms{rate}": milliseconds(took, p) for p in (50, 99)}


def _individual() -> OutboxMessage:
    id_ = f"bench-{new_id()}"
    document = Individual(id=id_, given_name="Bench", family_name=id_)
    event = RecordedEvent(
        IndividualCreateEvent, 1, document.to_bytes(), timestamp_now(), Cause(new_id())
    )
    return fact_message("customer-svc", event, key=id_, customer_id=None)
