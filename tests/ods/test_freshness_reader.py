"""Freshness is read for all requests at once, however many come together."""

import asyncio
from typing import Any

from ods_svc.freshness import FreshnessReader, Sources


class Pool:
    """Answers after a while, with nothing, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    async def fetch(self, *_: Any) -> list[Any]:
        self.asked += 1
        await asyncio.sleep(0.01)
        return []


async def test_requests_that_come_together_share_one_reading() -> None:
    pool, reader = Pool(), FreshnessReader({"product": Sources(["order.product.v1"], ["order"])})

    answers = await asyncio.gather(*(reader.read(pool) for _ in range(100)))  # type: ignore[arg-type]

    assert pool.asked == 1
    assert all(answer["product"].as_of is None for answer in answers)
