"""Have owners publish again what they have, chunk by chunk, at the pace of their relays."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic

from dualbus_cli.ods.facts_client import OWNER
from dualbus_cli.progress import Board

_TIMEOUT_SECONDS: Final = 60
_CROWDED_SECONDS: Final = 0.2


async def snapshot(
    topics: Sequence[FactTopic[Document]], url_of: Callable[[str], str], *, board: Board
) -> dict[str, int]:
    """How many resources of each topic were published; `url_of` is that of a service's `/ops`.

    Raises httpx.HTTPError; what was published until then is published, and may be again.
    """
    published: dict[str, int] = {}
    for topic in topics:
        async with httpx.AsyncClient(
            base_url=url_of(topic.owner), timeout=_TIMEOUT_SECONDS
        ) as owner:
            published[topic.name] = await snapshot_topic(topic.name, owner, board=board)
    return published


async def snapshot_topic(topic: str, owner: httpx.AsyncClient, *, board: Board) -> int:
    """The number of resources; `owner` has the base URL of the owner."""
    published, after = 0, ""
    with board.step(topic) as step:
        while True:
            chunk = await _next_chunk(owner, topic, after)
            published += int(chunk["published"])
            step.note = f"{published:,} published"
            if chunk["last"] is None:
                return published
            after = chunk["last"]
            if chunk["crowded"]:
                step.note += ", waiting for the relay"
                await asyncio.sleep(_CROWDED_SECONDS)


async def _next_chunk(owner: httpx.AsyncClient, topic: str, after: str) -> dict[str, Any]:
    answer = await owner.post(f"{OWNER}/{topic}/snapshot", json={"after": after})
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body
