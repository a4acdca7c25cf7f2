"""GET of a list and of one resource, for any document table, straight from stored bytes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dualbus_events.repository import Repository
from fastapi import APIRouter, Request, Response

from dualbus_tmf import openapi
from dualbus_tmf.dependencies import ResourceId, service_of, storable
from dualbus_tmf.etags import etag_of, names_version
from dualbus_tmf.hrefs import api_of, resource_of
from dualbus_tmf.list_query import ListQuery, parse_fields, parse_list_query
from dualbus_tmf.listing import Listing
from dualbus_tmf.media_types import JSON
from dualbus_tmf.projection import array_of, projected


def read_router(
    repository: type[Repository[Any]],
    *,
    path: str,
    tag: str | None = None,
    indexed: Mapping[str, str] | None = None,
    named: str | None = None,
) -> APIRouter:
    """`GET {path}` and `GET {path}/{id}`; see `Listing` for which columns serve which filters.

    `path` is the collection's, such as `/tmf-api/productOrderingManagement/v4/productOrder`.
    `named` is the resource in the ids of the operations, where two APIs of a service have one of
    the same name.
    """
    router = APIRouter(tags=[tag or api_of(path)])
    document, resource = repository.aggregate.document_type, named or resource_of(path)
    listing = Listing(repository, indexed=indexed)
    by_id = f"SELECT version, body FROM {repository.table.name} WHERE id = $1"  # noqa: S608 - the code's own name

    @router.get(path, **openapi.list_operation(resource, document))
    async def list_resources(request: Request) -> Response:
        query = parse_list_query(request.query_params.multi_items(), document=document)
        return await listed(request, listing, query, path=path)

    @router.get(path + "/{id}", **openapi.retrieve_operation(resource, document))
    async def retrieve_resource(request: Request, resource_id: ResourceId) -> Response:
        row = await service_of(request).database.pool.fetchrow(by_id, storable(resource_id))
        if row is None:
            raise repository.not_found(f"{resource} {resource_id} does not exist")
        return whole(request, version=row["version"], body=row["body"])

    return router


async def listed(request: Request, listing: Listing, query: ListQuery, *, path: str) -> Response:
    """The page that was asked for, with its headers; `path` is the collection's."""
    async with service_of(request).database.pool.acquire() as connection:
        page = await listing.page(connection, query)
    headers = {"X-Total-Count": str(page.total), "X-Result-Count": str(len(page.bodies))}
    if page.estimated:
        headers["X-Total-Count-Estimated"] = "true"
    partial = len(page.bodies) < page.total
    if partial:
        headers["Link"] = page_links(
            request,
            path,
            offset=query.offset,
            limit=query.limit,
            total=page.total,
            estimated=page.estimated,
        )
    return Response(
        array_of(page.bodies, query.fields),
        # Only a client that pages itself gets 206: kits demand 200 for the unpaged list.
        status_code=206 if partial and query.paged else 200,
        headers=headers,
        media_type=JSON,
    )


def whole(request: Request, *, version: int, body: bytes) -> Response:
    """One resource, or what `fields` names of it; 304 where If-None-Match names its version."""
    headers = {"ETag": etag_of(version)}
    if names_version(request.headers.get("if-none-match", ""), version):
        return Response(status_code=304, headers=headers)
    fields = parse_fields(request.query_params.get("fields"))
    return Response(projected(body, fields), headers=headers, media_type=JSON)


def page_links(
    request: Request, path: str, *, offset: int, limit: int, total: int, estimated: bool = False
) -> str:
    """RFC 8288 links to the other pages; the client's filters stay in them.

    Where the last page is, only an exact number tells.
    """
    step = max(limit, 1)
    last = (max(total - 1, 0) // step) * step
    offsets = {"first": 0} if estimated else {"first": 0, "last": last}
    if offset > 0:
        offsets["prev"] = max(min(offset, last + step) - step, 0)
    if offset + limit < total:
        offsets["next"] = offset + limit
    kept = [p for p in request.query_params.multi_items() if p[0] not in ("offset", "limit")]
    base = service_of(request).settings.public_url + path
    return ", ".join(
        f'<{base}?{urlencode([*kept, ("offset", start), ("limit", limit)])}>; rel="{rel}"'
        for rel, start in offsets.items()
    )
