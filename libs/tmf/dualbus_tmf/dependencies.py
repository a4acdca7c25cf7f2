"""What endpoints ask FastAPI for: the service's state, a unit of work, an id from the path."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Protocol, TypeVar, cast

from dualbus_events.aggregate import Aggregate
from dualbus_events.repository import Repository
from dualbus_events.unit_of_work import Database, UnitOfWork
from dualbus_kit.settings import ServiceSettings
from fastapi import Depends, Path, Request

A = TypeVar("A", bound=Aggregate[Any])


class ServiceState(Protocol):
    """What endpoints need of `app.state.service`."""

    @property
    def database(self) -> Database: ...

    @property
    def settings(self) -> ServiceSettings: ...


def service_of(request: Request) -> ServiceState:
    """The service that serves this request."""
    return cast(ServiceState, request.app.state.service)


async def unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """One transaction around the endpoint function; rolled back when it raises."""
    async with service_of(request).database.unit_of_work() as uow:
        yield uow


# scope="function": commit before the response leaves. The default scope commits after it,
# so a failed commit would reach the client as a success.
Uow = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]

ResourceId = Annotated[str, Path(alias="id", description="Identifier of the resource; opaque.")]
"""The `{id}` of a path. Any text is allowed: one that names nothing is a 404, never a 400."""


def storable(resource_id: str) -> str:
    """The id as a text PostgreSQL takes: one with NUL is replaced by one that names nothing too."""
    return resource_id.replace("\0", "\ufffd")


async def load_one(uow: UnitOfWork, repository: type[Repository[A]], resource_id: str) -> A:
    """Lock and load what the path names. Raises the repository's `not_found` (404)."""
    [aggregate] = await uow.load(repository, [storable(resource_id)])
    return aggregate
