"""Drawing resources from their pools: for a whole batch at once, never the same one twice."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from dualbus_events.unit_of_work import UnitOfWork

from provisioning_svc.resource.aggregate import Resource
from provisioning_svc.resource.pool import Pool
from provisioning_svc.resource.repository import Resources

_RETURNED = """
SELECT r.id FROM unnest($1::text[], $2::int[]) need(specification_id, wanted)
CROSS JOIN LATERAL (
  SELECT id FROM resource r
  WHERE r.specification_id = need.specification_id AND r.resource_status = 'available'
    AND r.value IS NOT NULL
  ORDER BY r.id LIMIT need.wanted FOR UPDATE SKIP LOCKED) r
"""
_OPEN = """
INSERT INTO resource_pool (specification_id, next_value)
SELECT * FROM unnest($1::text[], $2::bigint[]) ORDER BY 1 ON CONFLICT DO NOTHING
"""
# The lock on a pool's row lasts until the commit; it is taken in one order by everyone.
_LOCK = """
SELECT specification_id, next_value FROM resource_pool
WHERE specification_id = ANY($1) ORDER BY specification_id FOR UPDATE
"""
_ADVANCE = """
UPDATE resource_pool p SET next_value = u.next_value
FROM unnest($1::text[], $2::bigint[]) u(specification_id, next_value)
WHERE p.specification_id = u.specification_id
"""
_IN_INVENTORY = """
SELECT r.specification_id, r.value FROM resource r
JOIN unnest($1::text[], $2::text[]) u(specification_id, value) USING (specification_id, value)
"""


@dataclass
class Stock:
    """What a batch drew of one specification: what came back first, then values never used."""

    returned: deque[Resource] = field(default_factory=deque)
    fresh: deque[tuple[int, str]] = field(default_factory=deque)
    """Their numbers in the pool, and the values themselves."""

    @property
    def left(self) -> int:
        return len(self.returned) + len(self.fresh)

    def take(self) -> Resource | str:
        """One that came back, or else a new value."""
        return self.returned.popleft() if self.returned else self.fresh.popleft()[1]


async def draw(
    uow: UnitOfWork, pools: Mapping[str, Pool | None], wanted: Mapping[str, int]
) -> dict[str, Stock]:
    """Draw up to `wanted` of each specification; a pool that is used up gives fewer.

    What is drawn belongs to this transaction: `put_back` what is left before the commit.
    """
    stocks = {specification_id: Stock() for specification_id in wanted}
    if not wanted:
        return stocks
    rows = await uow.connection.fetch(_RETURNED, list(wanted), list(wanted.values()))
    for resource in (await uow.find(Resources, [row["id"] for row in rows])).values():
        specification = resource.document.resource_specification
        if specification is not None:
            stocks[specification.id].returned.append(resource)
    short = {
        specification_id: (pool, count - stocks[specification_id].left)
        for specification_id, count in wanted.items()
        if (pool := pools.get(specification_id)) is not None
        and stocks[specification_id].left < count
    }
    if short:
        await _draw_fresh(uow, short, stocks)
    return stocks


async def _draw_fresh(
    uow: UnitOfWork, short: Mapping[str, tuple[Pool, int]], stocks: Mapping[str, Stock]
) -> None:
    firsts = [pool.first for pool, _ in short.values()]
    await uow.connection.execute(_OPEN, list(short), firsts)
    rows = await uow.connection.fetch(_LOCK, list(short))
    following = {
        row["specification_id"]: max(row["next_value"], short[row["specification_id"]][0].first)
        for row in rows
    }
    missing = {specification_id: count for specification_id, (_, count) in short.items()}
    while missing:
        drawn = {
            specification_id: _next_values(
                short[specification_id][0], following[specification_id], count
            )
            for specification_id, count in missing.items()
        }
        taken = await _in_inventory(uow, drawn)
        missing = {}
        for specification_id, values in drawn.items():
            free = [one for one in values if (specification_id, one[1]) not in taken]
            stocks[specification_id].fresh.extend(free)
            following[specification_id] += len(values)
            if len(free) < len(values):
                missing[specification_id] = len(values) - len(free)
    await uow.connection.execute(_ADVANCE, list(following), list(following.values()))


def _next_values(pool: Pool, first: int, count: int) -> list[tuple[int, str]]:
    """Up to `count` numbers from `first` on, with their values; fewer at the end of the pool."""
    return [(n, pool.value(n)) for n in range(first, min(first + count, pool.last + 1))]


async def _in_inventory(
    uow: UnitOfWork, drawn: Mapping[str, list[tuple[int, str]]]
) -> set[tuple[str, str]]:
    """Values that someone put into the inventory by hand, such as a number ported in."""
    values = [
        (specification_id, value)
        for specification_id, numbered in drawn.items()
        for _, value in numbered
    ]
    rows = await uow.connection.fetch(
        _IN_INVENTORY, [value[0] for value in values], [value[1] for value in values]
    )
    return {(row["specification_id"], row["value"]) for row in rows}


async def put_back(uow: UnitOfWork, stocks: Mapping[str, Stock]) -> None:
    """Nobody needed these: the pools go on from the first number that is left.

    Their rows are still locked by this transaction, so nobody drew behind it.
    """
    left = {
        specification_id: stock.fresh[0][0]
        for specification_id, stock in stocks.items()
        if stock.fresh
    }
    if left:
        await uow.connection.execute(_ADVANCE, list(left), list(left.values()))
