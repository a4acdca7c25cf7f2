"""Groups of alarms, and of problems: whether one would come to stand above itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dualbus_events.unit_of_work import UnitOfWork

# Groupings of a table wait for each other, so that two of them can't close a loop together.
_LOCK = "SELECT pg_advisory_xact_lock($1)"


@dataclass(frozen=True)
class Grouping:
    """Resources of one table that name those above them. `lock` is the table's own number."""

    table: str
    parents: str
    """The attribute of the body that holds references to those above."""
    lock: int

    async def above(self, parent_id: str, child_ids: Sequence[str], uow: UnitOfWork) -> list[str]:
        """Those of the children that are the parent, or above it; held until the commit."""
        await uow.connection.execute(_LOCK, self.lock)
        rows = await uow.connection.fetch(self._above, parent_id, list(child_ids))
        return [row["id"] for row in rows]

    @cached_property
    def _above(self) -> str:
        return f"""
        WITH RECURSIVE above(id) AS (
            SELECT $1::text
            UNION
            SELECT parent ->> 'id' FROM above JOIN {self.table} USING (id),
                jsonb_array_elements({self.table}.body -> '{self.parents}') parent
        )
        SELECT id FROM above WHERE id = ANY($2::text[]) ORDER BY id
        """  # noqa: S608 - names are the code's own
