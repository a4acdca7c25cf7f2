"""Loads a catalogue over REST: creates what is missing, changes what differs, nothing else."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx

from dualbus_cli.catalogue.kinds import KINDS
from dualbus_cli.catalogue.reading import CatalogueFiles, CatalogueInvalid, Entry

Change = Literal["created", "changed", "unchanged"]
CHANGES: Final[tuple[Change, ...]] = ("created", "changed", "unchanged")

# What the owner sets when a file says nothing of it; its value is not a difference.
_SET_BY_OWNER: Final = frozenset(
    {"id", "href", "@type", "lastUpdate", "lifecycleStatus", "isBundle", "version"}
)
_AT_ONCE: Final = 8


class LoadRefused(RuntimeError):
    """A service did not take an entry; the message has file, line and the service's reason."""


@dataclass(frozen=True)
class Loaded:
    """What became of an entry, or in a dry run would become of it."""

    kind: str
    id: str
    change: Change


async def load_catalogue(
    files: CatalogueFiles, url: Callable[[str], str], *, dry_run: bool = False
) -> list[Loaded]:
    """Bring the services to what the files say; `url` gives a service's base URL.

    Everything is compared before the first change. Raises CatalogueInvalid for references that
    nobody knows, LoadRefused when a service says no, httpx.TransportError when one is down.
    """
    async with httpx.AsyncClient(timeout=20) as client:
        await _check_references(files, client, url)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def present(entry: Entry) -> dict[str, Any] | None:
            async with gate:
                return await _find(client, url, entry.kind, entry.id)

        found = await asyncio.gather(*(present(entry) for entry in files.entries))
        loaded = []
        for entry, current in zip(files.entries, found, strict=True):
            patch = None if current is None else difference(current, entry.body)
            if not dry_run:
                await _send(client, url, entry, patch)
            change: Change = "created" if patch is None else "changed" if patch else "unchanged"
            loaded.append(Loaded(entry.kind, entry.id, change))
        return loaded


def difference(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that makes `current` what is wanted; empty when it is."""
    patch = {name: value for name, value in wanted.items() if current.get(name) != value}
    gone = current.keys() - wanted.keys() - _SET_BY_OWNER
    return {**patch, **dict.fromkeys(sorted(gone))}


async def _check_references(
    files: CatalogueFiles, client: httpx.AsyncClient, url: Callable[[str], str]
) -> None:
    wanted: Sequence[tuple[str, str]] = sorted({(r.kind, r.id) for r in files.open_references})
    found = {one: await _find(client, url, *one) for one in wanted}
    unknown = [r.problem for r in files.open_references if found[(r.kind, r.id)] is None]
    if unknown:
        raise CatalogueInvalid(unknown)


async def _find(
    client: httpx.AsyncClient, url: Callable[[str], str], kind: str, id_: str
) -> dict[str, Any] | None:
    answer = await client.get(f"{url(KINDS[kind].service)}{KINDS[kind].path}/{id_}")
    if answer.status_code == 404:
        return None
    if answer.is_error:
        raise LoadRefused(f"{kind} {id_}: {answer.status_code} {answer.text[:500]}")
    body: dict[str, Any] = answer.json()
    return body


async def _send(
    client: httpx.AsyncClient,
    url: Callable[[str], str],
    entry: Entry,
    patch: Mapping[str, Any] | None,
) -> None:
    address = url(KINDS[entry.kind].service) + KINDS[entry.kind].path
    if patch is None:
        answer = await client.post(address, json=entry.body)
    elif patch:
        answer = await client.patch(f"{address}/{entry.id}", json=patch)
    else:
        return
    if answer.is_error:
        what = f"{entry.kind} {entry.id}: {answer.status_code} {answer.text[:500]}"
        raise LoadRefused(str(entry.source.problem(what)))
