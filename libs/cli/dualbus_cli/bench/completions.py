"""Which orders the ODS shows as complete, and when that was applied."""

import time
from typing import Final, Self

import asyncpg

# A transaction that commits late is seen by a later look, if that looks back this far.
_LOOK_BACK_SECONDS: Final = 5.0
_NEW = """
SELECT id, extract(epoch FROM applied_at)::float8 AS applied_at FROM fact
WHERE resource = $1 AND state = 'completed' AND applied_at >= to_timestamp($2)
"""


class Completions:
    """Looks into a table `fact (resource, id, state, applied_at)`: the ODS's, or the floor's."""

    def __init__(
        self, connection: "asyncpg.Connection[asyncpg.Record]", *, resource: str = "productOrder"
    ) -> None:
        self._connection = connection
        self._resource = resource
        self._since = time.time()
        self.applied_at: dict[str, float] = {}
        """Unix seconds by order id, of all that were applied since this was made."""

    @classmethod
    async def connect(cls, dsn: str, *, resource: str = "productOrder") -> Self:
        return cls(await asyncpg.connect(dsn), resource=resource)

    async def close(self) -> None:
        await self._connection.close()

    async def look(self) -> list[str]:
        """Ids of the orders that are newly seen as complete."""
        asked = time.time()
        rows = await self._connection.fetch(_NEW, self._resource, self._since)
        new = [row["id"] for row in rows if row["id"] not in self.applied_at]
        self.applied_at.update((row["id"], row["applied_at"]) for row in rows)
        self._since = max(self._since, asked - _LOOK_BACK_SECONDS)
        return new
