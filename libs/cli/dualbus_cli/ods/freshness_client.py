"""Wait until the ODS has read what stands on a topic."""

import asyncio
import time
from typing import Any, Final

import httpx

_ASK_EVERY_SECONDS: Final = 0.1


class FreshnessClient:
    """Asks `/ops/ods/freshness`; all moments are by the ODS's own clock."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def read_up_to(self, topic: str, until: float) -> bool:
        """True once the ODS has read all that is on the topic now; False at `until` (monotonic).

        What was produced less than a second before may be judged by the broker's clock.
        """
        asked_at = (await self._ask())["now"]
        while True:
            as_of = (await self._ask())["topic"][topic]["asOf"]
            if as_of is not None and as_of >= asked_at:
                return True
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(_ASK_EVERY_SECONDS)

    async def _ask(self) -> dict[str, Any]:
        answer = await self._client.get("/ops/ods/freshness")
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body
