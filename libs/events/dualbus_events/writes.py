"""Statements that only write: all those of a unit of work in one round trip, in their order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dualbus_kit.database import Connection

_PARAMETER = re.compile(r"\$(\d+)")
_EARLIER = ":earlier"


@dataclass(frozen=True, slots=True)
class Write:
    """One INSERT, UPDATE or DELETE for a list, and how many rows it must hit.

    `statement` has casts on its parameters and `:earlier` in its WHERE, which is true when every
    write before it did what it must. `missed` makes the error to raise when this one did not.
    """

    statement: str
    arguments: Sequence[object]
    rows: int
    missed: Callable[[], Exception]


async def carry_out(connection: Connection, writes: Sequence[Write]) -> None:
    """Each write in turn; raises the first one's `missed` that did not hit its rows.

    They share a snapshot: none may look for what another one writes.
    """
    if not writes:
        return
    statement = _one_statement(tuple((w.statement, len(w.arguments)) for w in writes))
    arguments = [one for write in writes for one in (*write.arguments, write.rows)]
    counts = await connection.fetch(statement, *arguments[:-1])
    for write, count in zip(writes, counts[0], strict=True):
        if count != write.rows:
            raise write.missed()


@lru_cache(maxsize=1000)
def _one_statement(parts: tuple[tuple[str, int], ...]) -> str:
    """A CTE for each statement with so many parameters; the next one is the rows it must hit.

    PostgreSQL runs CTEs that write in any order, but each of these counts the rows of the one
    before it, for which that one must have ended (PostgreSQL manual, 7.8.4).
    """
    ctes: list[str] = []
    parameters, earlier = 0, "true"
    for position, (statement, own) in enumerate(parts):
        renumbered = _renumbered(statement, after=parameters).replace(_EARLIER, earlier)
        ctes.append(f"w{position} AS ({renumbered} RETURNING 1)")
        parameters += own + 1
        earlier = f"(SELECT count(*) FROM w{position}) = ${parameters}::bigint"  # noqa: S608
    counts = ", ".join(f"(SELECT count(*) FROM w{n})" for n in range(len(parts)))  # noqa: S608
    return f"WITH {', '.join(ctes)} SELECT {counts}"


def _renumbered(statement: str, *, after: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + after}", statement)
