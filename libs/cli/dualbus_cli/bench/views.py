"""Reading customers' views while facts flow."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.facts import FactWriter
from dualbus_cli.bench.http_client import HttpClient
from dualbus_cli.bench.percentiles import milliseconds
from dualbus_cli.bench.report import Figures

READS_PER_SECOND: Final = 1_000.0
_WARM_UP_SECONDS: Final = 2.0
_FACTS_PER_SECOND: Final = 100.0
_PATH: Final = "/tmf-api/customer360/v4/customer360/"


async def measure_views(
    client: HttpClient, customer_ids: Sequence[str], writer: FactWriter, *, seconds: float
) -> Figures:
    """p50 and p99 of GET customer360 at 1,000 a second, open loop, from when each was due.

    Connections are made and plans cached by reads before, which are not counted.
    """
    await _read(client, customer_ids, seconds=_WARM_UP_SECONDS)
    one = await client.get(_PATH + customer_ids[0])
    async with asyncio.TaskGroup() as group:
        group.create_task(writer.at_rate(_FACTS_PER_SECOND, seconds=seconds))
        reads = group.create_task(_read(client, customer_ids, seconds=seconds))
    took = reads.result()
    rate = f"@{READS_PER_SECOND:.0f}"
    return {
        "views.bytes": len(one.body),
        **{f"views.p{percent}_ms{rate}": milliseconds(took, percent) for percent in (50, 99)},
    }


async def _read(client: HttpClient, customer_ids: Sequence[str], *, seconds: float) -> list[float]:
    begun = time.time()

    async def read(n: int, due: float) -> float:
        answer = await client.get(_PATH + customer_ids[n % len(customer_ids)])
        if answer.status != 200:
            raise BenchFailed(f"A customer's view: {answer.status} {answer.body[:200]!r}")
        return time.time() - due

    async with asyncio.TaskGroup() as group:
        tasks = []
        for n in range(round(READS_PER_SECOND * seconds)):
            due = begun + n / READS_PER_SECOND
            if (rest := due - time.time()) > 0:
                await asyncio.sleep(rest)
            tasks.append(group.create_task(read(n, due)))
    return [task.result() for task in tasks]
