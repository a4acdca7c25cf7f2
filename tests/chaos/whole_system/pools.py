"""Pools: what was drawn is held or free, no value twice, and what is held is held by somebody."""

from typing import Final

from tests.e2e.ledger import Comparison
from tests.e2e.running_system import RunningSystem

_POOLS: Final = """
SELECT s.id, coalesce(p.next_value, first) - first AS drawn, there, values
FROM resource_specification s
CROSS JOIN LATERAL (SELECT (s.body->'pool'->>'first')::bigint AS first) f
LEFT JOIN resource_pool p ON p.specification_id = s.id
CROSS JOIN LATERAL (
  SELECT count(*) AS there, count(DISTINCT value) AS values FROM resource r
  WHERE r.specification_id = s.id AND r.resource_status IN ('reserved', 'available')
) r
"""
_WITHOUT_SERVICE: Final = """
SELECT count(*) FROM resource r WHERE resource_status = 'reserved'
AND NOT EXISTS (SELECT FROM service s WHERE s.id = r.service_id AND s.state = 'active')
"""


async def held_without_service(system: RunningSystem) -> int:
    """Values that are held though no active service has them: those of activations under way."""
    return int(await system.value("provisioning", _WITHOUT_SERVICE))


async def compare_pools(system: RunningSystem, *, without_service: int) -> list[Comparison]:
    """Whether pools add up; `without_service` is how many values open activations should hold."""
    rows = await system.rows("provisioning", _POOLS)
    drawn = {row["id"]: row["drawn"] for row in rows}
    return [
        Comparison("number, used or free", drawn, {row["id"]: row["there"] for row in rows}),
        Comparison("number, told apart", drawn, {row["id"]: row["values"] for row in rows}),
        Comparison(
            "number held without a service",
            {"all pools": without_service},
            {"all pools": await held_without_service(system)},
        ),
    ]
