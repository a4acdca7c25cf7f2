"""Checksums of resources by ranges of ids: what two databases compare without sending bodies.

A resource counts with its id, its version and a digest of its body as jsonb, so that neither the
order of attributes nor white space matters. The digest of a range is the XOR of those of its
resources: PostgreSQL computes it in parallel and in any order.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dualbus_kit.database import Connection

# The highest character there is: above every id.
_ABOVE_ALL = "U&'\\+10FFFF'"
_DIGEST = "jsonb_hash_extended(d.body, 0)"


class IdRange(NamedTuple):
    """Ids from `low` (inclusive) to `high` (exclusive; None: to the end), in byte order."""

    low: str
    high: str | None


class RangeSum(NamedTuple):
    """How many resources a range holds, and their digest."""

    documents: int
    checksum: str


class Entry(NamedTuple):
    """One resource as it counts in a checksum."""

    id: str
    version: int
    digest: str


class Checksums:
    """Checksums over `rows`, the SQL of a relation (id text, version bigint, body jsonb).

    Both databases must have the collation C, or they would cut ranges differently.
    """

    def __init__(self, rows: str) -> None:
        # Every statement is made of the code's own text; values are parameters.
        self._starts = f"""
            SELECT id FROM (SELECT d.id, row_number() OVER (ORDER BY d.id) AS n FROM ({rows}) d) o
            WHERE n % $1 = 1 ORDER BY id
        """  # noqa: S608
        self._sums = f"""
            SELECT s.documents, s.checksum
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY r(low, high, n)
            CROSS JOIN LATERAL (
              SELECT count(*) AS documents, coalesce(bit_xor(hash_record_extended(
                       ROW(d.id, d.version, {_DIGEST}), 0)), 0) AS checksum
              FROM ({rows}) d WHERE d.id >= r.low AND d.id < coalesce(r.high, {_ABOVE_ALL})) s
            ORDER BY r.n
        """  # noqa: S608
        self._in_range = f"""
            SELECT d.id, d.version, {_DIGEST} AS digest FROM ({rows}) d
            WHERE d.id >= $1 AND d.id < coalesce($2, {_ABOVE_ALL}) ORDER BY d.id
        """  # noqa: S608
        self._of_ids = f"""
            SELECT d.id, d.version, {_DIGEST} AS digest FROM ({rows}) d
            WHERE d.id = ANY($1::text[]) ORDER BY d.id
        """  # noqa: S608

    async def ranges(self, connection: Connection, *, size: int) -> list[IdRange]:
        """Ranges of `size` resources each; together they hold every id there can be."""
        rows = await connection.fetch(self._starts, size)
        starts = ["", *(row["id"] for row in rows[1:])]
        return [IdRange(low, high) for low, high in zip(starts, [*starts[1:], None], strict=True)]

    async def sums(self, connection: Connection, ranges: Sequence[IdRange]) -> list[RangeSum]:
        """One for each range, in their order."""
        rows = await connection.fetch(
            self._sums, [one.low for one in ranges], [one.high for one in ranges]
        )
        return [RangeSum(row["documents"], _hex(row["checksum"])) for row in rows]

    async def in_range(self, connection: Connection, ids: IdRange) -> list[Entry]:
        """Every resource of a range, in the order of ids."""
        rows = await connection.fetch(self._in_range, ids.low, ids.high)
        return [Entry(row["id"], row["version"], _hex(row["digest"])) for row in rows]

    async def of_ids(self, connection: Connection, ids: Sequence[str]) -> list[Entry]:
        """Those of the ids that exist."""
        rows = await connection.fetch(self._of_ids, list(ids))
        return [Entry(row["id"], row["version"], _hex(row["digest"])) for row in rows]


def _hex(number: int) -> str:
    """As text: a JSON number of 64 bits would lose digits in most readers."""
    return f"{number & 0xFFFF_FFFF_FFFF_FFFF:016x}"
