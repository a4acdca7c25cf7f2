"""The catalogue as order taking needs it: parsed once per revision, kept in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from dualbus_events.contract.catalog import FulfilmentPlan, ProductOffering, ProductOfferingPrice
from dualbus_kit.database import Connection

_KEPT_REVISIONS = 4


@dataclass(frozen=True)
class Offer:
    """An offering with all that an order of it needs."""

    offering: ProductOffering
    prices: tuple[ProductOfferingPrice, ...]
    specification: Mapping[str, Any] | None
    plans: Mapping[str, FulfilmentPlan]
    """By the action of the order item that they fulfil."""
    specification_json: orjson.Fragment
    """As it goes into every task of an item."""


@dataclass
class Catalogue:
    """What was read of the catalogue under one revision. Grows as offerings are asked for."""

    now: datetime
    """The database's time when the revision was read."""
    offers: dict[str, Offer]

    async def load(self, connection: Connection, offering_ids: Iterable[str]) -> None:
        """Have the offers of these ids, those of them that exist."""
        missing = {one for one in offering_ids if one not in self.offers}
        if missing:
            await self._read(connection, missing)

    async def _read(self, connection: Connection, ids: set[str]) -> None:
        bodies = await _bodies(connection, "product_offering", ids)
        offerings = [ProductOffering.from_bytes(body) for body in bodies.values()]
        price_ids = {p.id for o in offerings for p in o.product_offering_price or [] if p.id}
        prices = {
            id_: ProductOfferingPrice.from_bytes(body)
            for id_, body in (
                await _bodies(connection, "product_offering_price", price_ids)
            ).items()
        }
        specification_ids = {
            o.product_specification.id for o in offerings if o.product_specification
        }
        specifications = {
            id_: orjson.loads(body)
            for id_, body in (
                await _bodies(connection, "product_specification", specification_ids)
            ).items()
        }
        plan_ids = {p["id"] for s in specifications.values() for p in s.get("fulfilmentPlan") or []}
        plans = {
            id_: FulfilmentPlan.from_bytes(body)
            for id_, body in (await _bodies(connection, "fulfilment_plan", plan_ids)).items()
        }
        for offering in offerings:
            self.offers[offering.id] = _offer(offering, prices, specifications, plans)


def _offer(
    offering: ProductOffering,
    prices: Mapping[str, ProductOfferingPrice],
    specifications: Mapping[str, dict[str, Any]],
    plans: Mapping[str, FulfilmentPlan],
) -> Offer:
    reference = offering.product_specification
    specification = specifications.get(reference.id) if reference else None
    return Offer(
        offering=offering,
        prices=tuple(
            prices[p.id] for p in offering.product_offering_price or [] if p.id and p.id in prices
        ),
        specification=specification,
        plans={
            action: plans[plan["id"]]
            for plan in (specification or {}).get("fulfilmentPlan") or []
            if plan["id"] in plans
            for action in plan["action"]
        },
        specification_json=orjson.Fragment(orjson.dumps(specification)),
    )


async def _bodies(connection: Connection, table: str, ids: Iterable[str]) -> dict[str, bytes]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    statement = f"SELECT id, body FROM {table} WHERE id = ANY($1::text[])"  # noqa: S608 - own names
    return {row["id"]: row["body"] for row in await connection.fetch(statement, wanted)}


_offers: dict[UUID, dict[str, Offer]] = {}


async def current_catalogue(connection: Connection) -> Catalogue:
    """The catalogue at its present revision: one row read, the rest mostly from memory."""
    [row] = await connection.fetch("SELECT revision, now() AS now FROM catalogue_revision")
    return catalogue_at(row["revision"], row["now"])


def catalogue_at(revision: UUID, now: datetime) -> Catalogue:
    """What this process knows of a revision that was just read.

    A revision is unique over all databases, so one process may serve several of them.
    """
    offers = _offers.get(revision)
    if offers is None:
        while len(_offers) >= _KEPT_REVISIONS:
            del _offers[next(iter(_offers))]
        offers = _offers[revision] = {}
    return Catalogue(now, offers)
