"""The catalogue as the design of a product reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from dualbus_events.contract.provisioning import Service
from dualbus_kit.database import Connection

from provisioning_svc.resource.pool import Pool, pool_of


@dataclass(frozen=True)
class AssignableResource:
    """A resource specification as the design needs it."""

    id: str
    name: str
    category: str
    pool: Pool | None


@dataclass(frozen=True)
class RealizableService:
    """A service specification as the design needs it, with what it assigns."""

    id: str
    href: str | None
    name: str
    element_service_type: str
    resources: tuple[AssignableResource, ...]
    unknown_resources: tuple[str, ...]


async def realizable_services(
    connection: Connection, ids: Iterable[str]
) -> dict[str, RealizableService]:
    """Those of the service specifications that exist, by id."""
    services = await _bodies(connection, "service_specification", set(ids))
    needed = {ref["id"] for body in services.values() for ref in _resource_references(body)}
    resources = await assignable_resources(connection, needed)
    return {id_: _realizable(body, resources) for id_, body in services.items()}


async def realizing(
    connection: Connection, services: Iterable[Service]
) -> dict[str, RealizableService]:
    """What the catalogue has of these services' specifications, by id."""
    named = (service.service_specification for service in services)
    return await realizable_services(connection, {one.id for one in named if one})


async def assignable_resources(
    connection: Connection, ids: Iterable[str]
) -> dict[str, AssignableResource]:
    """Those of the resource specifications that exist, by id."""
    bodies = await _bodies(connection, "resource_specification", set(ids))
    return {
        id_: AssignableResource(id_, body["name"], body.get("category") or id_, pool_of(body))
        for id_, body in bodies.items()
    }


def _realizable(body: dict[str, Any], known: dict[str, AssignableResource]) -> RealizableService:
    wanted = [reference["id"] for reference in _resource_references(body)]
    return RealizableService(
        id=body["id"],
        href=body.get("href"),
        name=body["name"],
        element_service_type=str(body.get("elementServiceType") or body["name"]),
        resources=tuple(known[id_] for id_ in wanted if id_ in known),
        unknown_resources=tuple(id_ for id_ in wanted if id_ not in known),
    )


def _resource_references(body: dict[str, Any]) -> list[dict[str, Any]]:
    return body.get("resourceSpecification") or []


async def _bodies(connection: Connection, table: str, ids: set[str]) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    statement = f"SELECT id, body FROM {table} WHERE id = ANY($1)"  # noqa: S608 - the code's own name
    rows = await connection.fetch(statement, sorted(ids))
    return {row["id"]: orjson.loads(row["body"]) for row in rows}
