"""Waiting for versions: woken by every batch applied here, looking by itself for others'."""

import time
from collections.abc import Sequence

import asyncpg
from dualbus_kit.errors import Unavailable

from ods_svc.consistency.tokens import Awaited
from ods_svc.projection.progress import Progress

_LOOK_EVERY_SECONDS = 0.05

_MISSING = """
SELECT w.resource, w.id, w.version
FROM unnest($1::text[], $2::text[], $3::bigint[]) w(resource, id, version)
LEFT JOIN fact f ON f.resource = w.resource AND f.id = w.id
WHERE f.version IS NULL OR f.version < w.version
"""


class NotYetConsistent(Unavailable):
    code = "notYetConsistent"
    reason = "The view does not show what the token names yet"


async def wait_for(
    pool: asyncpg.Pool, progress: Progress, awaited: Sequence[Awaited], *, seconds: float
) -> None:
    """Return once the projection has all versions. Raises NotYetConsistent after `seconds`."""
    until = time.monotonic() + seconds
    while missing := await _missing(pool, awaited):
        left = until - time.monotonic()
        if left <= 0:
            first = missing[0]
            raise NotYetConsistent(
                f"{first.resource} {first.id} has not reached version {first.version}"
            )
        await progress.next_batch(seconds=min(left, _LOOK_EVERY_SECONDS))


async def _missing(pool: asyncpg.Pool, awaited: Sequence[Awaited]) -> list[Awaited]:
    columns = (list(column) for column in zip(*awaited, strict=True))
    return [Awaited(*row) for row in await pool.fetch(_MISSING, *columns)]
