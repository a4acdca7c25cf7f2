"""What a service holds of a topic, asked over HTTP: an owner's `/ops/facts`, or the ODS's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx

OWNER = "/ops/facts"
ODS = "/ops/ods/facts"
LOOKUP_SIZE = 1000


class IdRange(NamedTuple):
    """Ids from `low` to below `high`; None: to the end."""

    low: str
    high: str | None


class Held(NamedTuple):
    """A version of a resource, and a digest of its body."""

    version: int
    digest: str


@dataclass(frozen=True)
class Looked:
    """Single resources: those that are there by id, and the ids that are held up."""

    held: dict[str, Held]
    waiting: frozenset[str]


@dataclass(frozen=True)
class FactsClient:
    """One topic at one service; `prefix` is OWNER or ODS. Raises httpx.HTTPError."""

    client: httpx.AsyncClient
    prefix: str
    topic: str

    async def ranges(self, *, size: int) -> list[IdRange]:
        """Ranges of so many resources each; together they hold every id."""
        url = f"{self.prefix}/{self.topic}/ranges"
        body = _json(await self.client.get(url, params={"size": size}))
        return [IdRange(one["low"], one["high"]) for one in body["ranges"]]

    async def checksums(self, ranges: Sequence[IdRange]) -> list[tuple[int, str]]:
        """Number of resources and checksum of each range."""
        body = await self._post("checksums", {"ranges": [one._asdict() for one in ranges]})
        return [(one["documents"], one["checksum"]) for one in body["checksums"]]

    async def entries(self, ids: IdRange) -> dict[str, Held]:
        """Every resource of a range, by id."""
        return _held((await self._post("entries", ids._asdict()))["entries"])

    async def lookup(self, ids: Iterable[str]) -> Looked:
        """Single resources, and which of the ids are held up there."""
        wanted = sorted(ids)
        held: dict[str, Held] = {}
        waiting: set[str] = set()
        for first in range(0, len(wanted), LOOKUP_SIZE):
            body = await self._post("lookup", {"ids": wanted[first : first + LOOKUP_SIZE]})
            held |= _held(body["entries"])
            waiting |= set(body["waiting"])
        return Looked(held, frozenset(waiting))

    async def _post(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        return _json(await self.client.post(f"{self.prefix}/{self.topic}/{action}", json=body))


def _held(entries: list[dict[str, Any]]) -> dict[str, Held]:
    return {one["id"]: Held(one["version"], one["digest"]) for one in entries}


def _json(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body
