"""The ledger: what was ordered against what every system made of it, lost and doubled counted."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.e2e.channel import Body, Channel, product_ids
from tests.e2e.running_system import RunningSystem, eventually

# Resources that the service of an offering holds.
HOLDS: Final[Mapping[str, int]] = {
    "phone": 1,
    "fibre": 1,
    "streaming-tv": 0,
    "mobile-ringback": 2,
    "leased-line-gold": 3,
}
_PROMISES_A_LEVEL: Final = "leased-line-gold"
ENDED: Final = ("completed", "failed", "partial", "cancelled", "rejected")

_RESOURCES = """
SELECT s.product_id AS id, count(r.id) AS count FROM service s
JOIN resource r ON r.service_id = s.id AND r.resource_status = 'reserved'
WHERE s.product_id = ANY($1) GROUP BY 1
"""
_SETTLING_ROUNDS: Final = 20


@dataclass(frozen=True)
class Comparison:
    """How often something is there for each id, against how often it must be (0 if not named)."""

    what: str
    expected: Mapping[str, int]
    seen: Mapping[str, int]

    @property
    def lost(self) -> int:
        return sum(max(0, times - self.seen.get(id_, 0)) for id_, times in self.expected.items())

    @property
    def doubled(self) -> int:
        """Those beyond what is expected, left-overs among them."""
        return sum(max(0, times - self.expected.get(id_, 0)) for id_, times in self.seen.items())

    def findings(self) -> list[str]:
        """Each difference in words."""
        return [
            f"{self.what}: {self.seen.get(id_, 0)} instead of {self.expected.get(id_, 0)} for {id_}"
            for id_ in sorted(self.expected.keys() | self.seen.keys())
            if self.seen.get(id_, 0) != self.expected.get(id_, 0)
        ]


class Ledger:
    """Compares orders with what all systems made of them."""

    def __init__(self, system: RunningSystem, channel: Channel) -> None:
        self._system = system
        self._channel = channel

    async def until_ended(self, orders: Sequence[Body], *, seconds: float) -> None:
        """Wait until each order is in a final state, in order-svc and in the ODS."""
        ids = [order["id"] for order in orders]

        async def stuck() -> int:
            sql = "SELECT count(*) FROM product_order WHERE id = ANY($1) AND state = ANY($2)"
            return len(ids) - int(await self._system.value("order", sql, ids, list(ENDED)))

        async def unseen() -> int:
            sql = (
                "SELECT count(*) FROM fact WHERE resource = 'productOrder' AND id = ANY($1) "
                "AND state = ANY($2)"
            )
            return len(ids) - int(await self._system.value("ods", sql, ids, list(ENDED)))

        await eventually(stuck, 0, seconds=seconds)
        await eventually(unseen, 0, seconds=seconds)

    async def findings(self, orders: Sequence[Body]) -> list[str]:
        """What is lost, doubled or left over, in words; nothing when all sides agree.

        Two topics have no common order: an order may be complete in the ODS a moment before its
        products are, so what is still on its way is given some seconds.
        """
        compared = await self.compared(orders)
        for _ in range(_SETTLING_ROUNDS):
            if not any(one.findings() for one in compared):
                break
            await asyncio.sleep(0.5)
            compared = await self.compared(orders)
        return [finding for one in compared for finding in one.findings()]

    async def compared(
        self, completed: Sequence[Body], without_effect: Sequence[Body] = ()
    ) -> list[Comparison]:
        """What every system made of these orders.

        Each product of a completed order is expected once, none of an order `without_effect`.
        """
        offerings = {
            product: one["productOffering"]["id"]
            for order in completed
            for one, product in zip(order["productOrderItem"], product_ids(order), strict=True)
        }
        ids = [*offerings, *(id_ for order in without_effect for id_ in product_ids(order))]
        once = dict.fromkeys(offerings, 1)
        levels = {id_: 1 for id_, name in offerings.items() if name == _PROMISES_A_LEVEL}
        holds = {id_: HOLDS[name] for id_, name in offerings.items() if HOLDS[name]}
        return [
            await self._orders(completed),
            Comparison("product", once, await self._products(ids)),
            Comparison("service", once, await self._services(ids)),
            Comparison("resources", holds, await self._count("provisioning", _RESOURCES, ids)),
            Comparison("in the network", once, await self._activations(ids)),
            Comparison("charge", once, await self._charges(ids)),
            Comparison("SLA", levels, await self._levels(ids)),
            Comparison("product in the ODS", once, await self._seen("product", ids)),
            Comparison("service in the ODS", once, await self._seen("service", ids)),
            Comparison("charge in the ODS", once, await self._seen("charge", ids)),
        ]

    async def _orders(self, orders: Sequence[Body]) -> Comparison:
        """Orders that were answered are expected once each, and completed."""
        ids = [order["id"] for order in orders]
        sql = "SELECT id, 1 AS count FROM product_order WHERE id = ANY($1) AND state = 'completed'"
        # An id that was answered twice stands for two orders, of which one is lost.
        return Comparison("completed order", Counter(ids), await self._count("order", sql, ids))

    async def _products(self, ids: list[str]) -> Counter[str]:
        sql = "SELECT id, 1 AS count FROM product WHERE status = 'active' AND id = ANY($1)"
        return await self._count("order", sql, ids)

    async def _services(self, ids: list[str]) -> Counter[str]:
        sql = (
            "SELECT product_id AS id, count(*) AS count FROM service "
            "WHERE state = 'active' AND product_id = ANY($1) GROUP BY 1"
        )
        return await self._count("provisioning", sql, ids)

    async def _activations(self, ids: list[str]) -> Counter[str]:
        """Products by their services that are active on the element, whatever provisioning says."""
        sql = "SELECT id, product_id FROM service WHERE product_id = ANY($1)"
        rows = await self._system.rows("provisioning", sql, ids)
        products = {row["id"]: row["product_id"] for row in rows}
        active = await self._channel.active_in_network()
        return Counter(products[one["serviceId"]] for one in active if one["serviceId"] in products)

    async def _charges(self, ids: list[str]) -> Counter[str]:
        sql = (
            "SELECT product_id AS id, count(*) AS count FROM charge "
            "WHERE state = 'active' AND product_id = ANY($1) GROUP BY 1"
        )
        return await self._count("billing", sql, ids)

    async def _levels(self, ids: list[str]) -> Counter[str]:
        sql = (
            "SELECT product_id AS id, count(*) AS count FROM service_level_agreement "
            "WHERE product_id = ANY($1) GROUP BY 1"
        )
        return await self._count("assurance", sql, ids)

    async def _seen(self, resource: str, ids: list[str]) -> Counter[str]:
        """Active facts of the ODS by the product they are about."""
        product = {
            "product": "b.body->>'id'",
            "service": "b.body->'relatedEntity'->0->>'id'",
            "charge": "b.body->'product'->>'id'",
        }[resource]
        sql = (
            f"SELECT {product} AS id, count(*) AS count FROM fact f, "
            "LATERAL (SELECT convert_from(f.body, 'utf8')::jsonb AS body) b "
            f"WHERE f.resource = $2 AND f.state = 'active' AND {product} = ANY($1) GROUP BY 1"
        )
        rows = await self._system.rows("ods", sql, ids, resource)
        return Counter({row["id"]: row["count"] for row in rows})

    async def _count(self, service: str, sql: str, ids: list[str]) -> Counter[str]:
        rows = await self._system.rows(service, sql, ids)
        return Counter({row["id"]: row["count"] for row in rows})
