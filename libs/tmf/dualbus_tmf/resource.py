"""A resource with no rules of its own, in one declaration: endpoints, events, table, aggregate."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from dualbus_events.facts import EventType, FactTopic
from dualbus_events.repository import Repository
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import NotFound
from fastapi import APIRouter, Request, Response
from sqlalchemy import Table

from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.declaration import (
    CATALOG_DEFAULTS,
    Declaration,
    DeclaredAggregate,
    Default,
    Derive,
    StateRule,
    new_document,
)
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.hrefs import Addressed, api_of, resource_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created

__all__ = ["CATALOG_DEFAULTS", "Resource", "StateRule", "declare"]

Operation = Literal["read", "create", "patch", "delete"]
ALL_OPERATIONS: frozenset[Operation] = frozenset(get_args(Operation))


@dataclass(frozen=True, eq=False)
class Resource:
    """A declared resource: its router for the service, the rest for whoever loads it."""

    declaration: Declaration
    aggregate: type[DeclaredAggregate]
    repository: type[Repository[DeclaredAggregate]]
    router: APIRouter = field(default_factory=APIRouter)

    def new(self, body: Mapping[str, Any], addressed: Addressed) -> DeclaredAggregate:
        """What a POST of `body` creates, its creation recorded; `uow.add` it."""
        document = new_document(self.declaration, body, addressed)
        aggregate = self.aggregate(document)
        aggregate.record(self.declaration.create)
        return aggregate


def declare(
    topic: FactTopic[Any],
    *,
    path: str,
    table: Table,
    create: EventType[Any],
    change: EventType[Any] | None = None,
    delete: EventType[Any] | None = None,
    state: StateRule | None = None,
    columns: Mapping[str, Callable[[Any], object]] | None = None,
    indexed: Mapping[str, str] | None = None,
    required: Sequence[str] = (),
    defaults: Mapping[str, Default] | None = None,
    derive: Derive = lambda _: {},
    touched: str | None = None,
    unpatchable: Set[str] = frozenset(),
    operations: Set[Operation] = ALL_OPERATIONS,
    client_ids: bool = False,
    customer_of: Callable[[Any], str | None] = lambda _: None,
    check: Callable[[Any], None] = lambda _: None,
    not_found: type[NotFound] = NotFound,
    tag: str | None = None,
) -> Resource:
    """Declare a resource by its topic; attributes go by their wire names.

    `create`, `change`, `delete` are the topic's events; `state` adds the event of a state's move.
    `path` is the collection's; `table` is a `document_table`, `columns` what it holds beside the
    body, `indexed` columns that narrow filters (see `Listing`). `required` must be in a POST;
    `defaults` are set where a POST leaves them out, and what `derive` makes of a body that is not
    validated yet; `touched` is set to now at every change;
    `unpatchable` is refused in a PATCH, beside id and href. With `client_ids` a POST may bring its
    own id (409 when taken); otherwise one that comes is replaced. `customer_of` a document names
    the customer in its events' headers. `check` raises for what must not be stored.
    """
    declaration = Declaration(
        topic=topic,
        create=create,
        change=change,
        delete=delete,
        path=path,
        state=state,
        required=required,
        defaults=defaults or {},
        derive=derive,
        touched=touched,
        unpatchable=unpatchable,
        client_ids=client_ids,
        check=check,
    )
    aggregate = _aggregate_class(declaration, customer_of)
    repository = _repository_class(aggregate, table, columns or {}, not_found)
    resource = Resource(declaration, aggregate, repository)
    if "read" in operations:
        resource.router.include_router(read_router(repository, path=path, tag=tag, indexed=indexed))
    resource.router.include_router(_write_router(resource, operations, tag or api_of(path)))
    return resource


def _aggregate_class(
    declared: Declaration, customer_of: Callable[[Any], str | None]
) -> type[DeclaredAggregate]:
    members = {
        "document_type": declared.document,
        "declaration": declared,
        "customer": staticmethod(customer_of),
    }
    return type(declared.document.__name__, (DeclaredAggregate,), members)


def _repository_class(
    of_aggregate: type[DeclaredAggregate],
    of_table: Table,
    of_columns: Mapping[str, Callable[[Any], object]],
    missing: type[NotFound],
) -> type[Repository[DeclaredAggregate]]:
    class Declared(Repository[DeclaredAggregate]):
        aggregate: ClassVar[type[DeclaredAggregate]] = of_aggregate
        table = of_table
        columns = of_columns
        not_found = missing

    return Declared


def _write_router(resource: Resource, operations: Set[Operation], tag: str) -> APIRouter:
    router = APIRouter(tags=[tag])
    if "create" in operations:
        _add_create(router, resource)
    if "patch" in operations:
        _add_patch(router, resource)
    if "delete" in operations:
        _add_delete(router, resource)
    return router


def _add_create(router: APIRouter, resource: Resource) -> None:
    declared = resource.declaration
    operation = openapi.create_operation(
        resource_of(declared.path), declared.document, required=declared.required
    )

    @router.post(declared.path, **operation)
    async def create_resource(request: Request) -> Response:
        service = service_of(request)
        body = await parse_object(request)

        async def store(uow: UnitOfWork) -> Response:
            aggregate = resource.new(body, service.settings)
            uow.add(aggregate)
            return created(aggregate)

        return await answer_once(request, service.database, scope=declared.path, work=store)


def _add_patch(router: APIRouter, resource: Resource) -> None:
    declared = resource.declaration
    operation = openapi.patch_operation(resource_of(declared.path), declared.document)

    @router.patch(declared.path + "/{id}", **operation)
    async def patch_resource(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
        patch = await parse_object(request, media_types=PATCH_TYPES)
        aggregate = await load_one(uow, resource.repository, resource_id)
        check_if_match(request, aggregate)
        aggregate.patch(patch)
        return changed(aggregate)


def _add_delete(router: APIRouter, resource: Resource) -> None:
    event = resource.declaration.delete
    if event is None:
        raise ValueError(f"{resource.declaration.path} has no event for deletion")
    path = resource.declaration.path

    @router.delete(path + "/{id}", **openapi.delete_operation(resource_of(path)))
    async def delete_resource(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
        aggregate = await load_one(uow, resource.repository, resource_id)
        check_if_match(request, aggregate)
        aggregate.record(event)
        return Response(status_code=204)
