"""The table service_resource: written from provisioning's facts, read when something breaks."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from dualbus_kit.database import Connection

# Facts may come twice or late: an older version never replaces a newer one.
_KEEP = """
INSERT INTO service_resource AS s
  (service_id, version, state, name, href, customer_id, product_id, resource_ids)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::jsonb[])
ON CONFLICT (service_id) DO UPDATE SET
  version = excluded.version, state = excluded.state, name = excluded.name, href = excluded.href,
  customer_id = excluded.customer_id, product_id = excluded.product_id,
  resource_ids = excluded.resource_ids
WHERE s.version < excluded.version
"""
_STANDING_ON = """
SELECT r.service_id, r.name, r.href, r.customer_id, r.product_id, r.resource_ids,
       array(SELECT a.id FROM service_level_agreement a
             WHERE a.service_id = r.service_id AND a.state = 'active' ORDER BY a.id) AS agreements
FROM service_resource r
WHERE r.resource_ids ?| $1::text[] AND r.state <> 'terminated' ORDER BY r.service_id
"""


@dataclass(frozen=True, slots=True)
class ServiceResources:
    """One service, whose it is, and the ids of the resources it stands on."""

    service_id: str
    version: int
    state: str
    name: str | None
    href: str | None
    customer_id: str | None
    product_id: str | None
    resource_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class StandingService:
    """A service that is hit when one of its resources breaks."""

    service_id: str
    name: str | None
    href: str | None
    customer_id: str | None
    product_id: str | None
    resource_ids: frozenset[str]
    agreement_ids: Sequence[str]
    """Service level agreements in force on it."""


async def keep_services(connection: Connection, services: Sequence[ServiceResources]) -> None:
    """Remember the newest state of services, each at most once in the list. One statement."""
    # In id order, so that two batches never lock crosswise.
    ordered = sorted(services, key=lambda service: service.service_id)
    await connection.execute(
        _KEEP,
        [s.service_id for s in ordered],
        [s.version for s in ordered],
        [s.state for s in ordered],
        [s.name for s in ordered],
        [s.href for s in ordered],
        [s.customer_id for s in ordered],
        [s.product_id for s in ordered],
        [orjson.dumps(s.resource_ids) for s in ordered],
    )


async def services_on(
    connection: Connection, resource_ids: Sequence[str]
) -> Sequence[StandingService]:
    """The services that stand on any of the resources, terminated ones left out."""
    rows = await connection.fetch(_STANDING_ON, list(resource_ids))
    return [
        StandingService(
            service_id=row["service_id"],
            name=row["name"],
            href=row["href"],
            customer_id=row["customer_id"],
            product_id=row["product_id"],
            resource_ids=frozenset(orjson.loads(row["resource_ids"])),
            agreement_ids=row["agreements"],
        )
        for row in rows
    ]
