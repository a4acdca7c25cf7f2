"""The VAS platform over HTTP: one round trip for a batch, single requests where that is slow."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import httpx

from eai_svc.adapters.adapter import Ask, Result, Wanted, WorthAnotherTry
from eai_svc.adapters.vas.mapping import (
    UnreadableAnswer,
    batch_xml,
    read_batch,
    read_single,
    request_xml,
)
from eai_svc.settings import EaiSettings

R = TypeVar("R")

BATCH_SECONDS = 2.0
_SINGLE_SECONDS = 5.0
_LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16)


def connect(settings: EaiSettings) -> Ask:
    """Ask the platform that the settings name, through the one client of the process."""
    client = httpx.AsyncClient(
        base_url=settings.vas_platform_url, timeout=_SINGLE_SECONDS, limits=_LIMITS
    )
    return ask_through(client)


def ask_through(client: httpx.AsyncClient, *, batch_seconds: float = BATCH_SECONDS) -> Ask:
    """Ask for all in one batch; when that takes too long, for each alone.

    The platform answers a batch when its slowest member is done. Asked alone, a slow number holds
    up nobody else; what was done in the batch already is answered so, by its transaction id.
    """

    async def ask(requests: Sequence[tuple[str, Wanted]]) -> Sequence[Result]:
        try:
            async with asyncio.timeout(batch_seconds):
                return await _ask_batch(client, requests)
        except (TimeoutError, UnreadableAnswer):
            return await asyncio.gather(*(_ask_single(client, *one) for one in requests))
        except httpx.HTTPError as error:
            return [WorthAnotherTry("vasUnreachable", repr(error))] * len(requests)

    return ask


async def _ask_batch(
    client: httpx.AsyncClient, requests: Sequence[tuple[str, Wanted]]
) -> Sequence[Result]:
    return await _post(
        client,
        "/vas/provisioning/batch",
        batch_xml(requests),
        lambda content: read_batch(content, expected=len(requests)),
    )


async def _ask_single(client: httpx.AsyncClient, transaction_id: str, wanted: Wanted) -> Result:
    content = request_xml(transaction_id, wanted)
    try:
        return await _post(client, "/vas/provisioning", content, read_single)
    except httpx.HTTPError as error:
        return WorthAnotherTry("vasUnreachable", repr(error))
    except UnreadableAnswer as error:
        return WorthAnotherTry("vasUnreadable", str(error))


async def _post(
    client: httpx.AsyncClient, path: str, content: bytes, read: Callable[[bytes], R]
) -> R:
    answer = await client.post(path, content=content, headers={"content-type": "application/xml"})
    if answer.status_code != 400:
        # 400 comes with a fault in XML that says what is wrong.
        answer.raise_for_status()
    return read(answer.content)
