"""GET of one customer's view, of a page of them, and of a customer's timeline."""

from typing import Annotated, cast

import orjson
from dualbus_kit.clock import utc_now
from dualbus_tmf.dependencies import ResourceId, service_of, storable
from dualbus_tmf.media_types import JSON
from dualbus_tmf.reading import page_links
from fastapi import APIRouter, Query, Request, Response

from ods_svc.consistency.tokens import parse_tokens
from ods_svc.consistency.waiting import wait_for
from ods_svc.customer360.errors import CustomerUnknown
from ods_svc.customer360.listing import customers_of
from ods_svc.customer360.parts import ALL_PARTS, CUSTOMER, CUSTOMER_PART
from ods_svc.customer360.query import read_facts
from ods_svc.customer360.selection import selection_of
from ods_svc.customer360.staleness import freshness_headers
from ods_svc.customer360.timeline import read_timeline
from ods_svc.customer360.view import PATH, view_of
from ods_svc.freshness import FreshnessReader
from ods_svc.projection.progress import Progress
from ods_svc.settings import OdsSettings

_TOKEN = "X-Consistency-Token"  # noqa: S105 - a header's name


def customer360_router(progress: Progress) -> APIRouter:
    """The endpoints; `progress` wakes the reads that wait for a version."""
    router = APIRouter(tags=["customer360"])
    reader = FreshnessReader({part.name: part.sources for part in ALL_PARTS})

    async def consistent(request: Request) -> None:
        header = request.headers.get(_TOKEN)
        if header is None:
            return
        service = service_of(request)
        seconds = cast(OdsSettings, service.settings).consistency_seconds
        await wait_for(service.database.pool, progress, parse_tokens(header), seconds=seconds)

    async def views(
        request: Request, customer_ids: list[str]
    ) -> tuple[list[bytes], dict[str, str]]:
        """Those that exist, in the order of `customer_ids`, and headers that say how fresh."""
        service, query = service_of(request), request.query_params
        pool, public_url = service.database.pool, service.settings.public_url
        selection = selection_of(query.get("fields"), query.get("expand"))
        freshness = await reader.read(pool)
        async with pool.acquire() as connection:
            found = [await read_facts(connection, id_, selection.resources) for id_ in customer_ids]
        now = utc_now()
        bodies = [
            view_of(id_, facts, selection, public_url=public_url, freshness=freshness, now=now)
            for id_, facts in zip(customer_ids, found, strict=True)
            if CUSTOMER in facts.bodies
        ]
        shown = (CUSTOMER_PART, *selection.parts)
        return bodies, freshness_headers(shown, freshness, now)

    @router.get(PATH, operation_id="listCustomer360", response_class=Response)
    async def list_customer360(request: Request) -> Response:
        """Views of a page of customers (20 unless `limit` says otherwise, at most 100).

        Filters: attributes of the customer, and of the resources in each part
        (`productOrder.state=completed`). `sort` takes attributes of the customer.
        """
        await consistent(request)
        service = service_of(request)
        page = await customers_of(
            service.database.pool,
            request.query_params.multi_items(),
            public_url=service.settings.public_url,
        )
        bodies, fresh = await views(request, page.ids)
        body = b"[" + b",".join(bodies) + b"]"
        if len(bodies) < page.total:
            fresh["Link"] = page_links(
                request,
                PATH,
                offset=page.offset,
                limit=page.limit,
                total=page.total,
                estimated=page.estimated,
            )
        if page.estimated:
            fresh["X-Total-Count-Estimated"] = "true"
        return _page(body, len(bodies), page.total, paged=page.paged, fresh=fresh)

    @router.get(PATH + "/{id}", operation_id="retrieveCustomer360", response_class=Response)
    async def retrieve_customer360(request: Request, customer_id: ResourceId) -> Response:
        """Everything about one customer. `X-Consistency-Token` makes it wait for those writes.

        `fields` names the parts wanted; `expand` adds charge, payment, usage and others, or each
        bill's appliedCustomerBillingRate.
        """
        await consistent(request)
        found, fresh = await views(request, [storable(customer_id)])
        if not found:
            raise CustomerUnknown(f"customer {customer_id} is not known")
        return Response(found[0], media_type=JSON, headers=fresh)

    @router.get(PATH + "/{id}/timeline", operation_id="listTimeline", response_class=Response)
    async def list_timeline(
        request: Request,
        customer_id: ResourceId,
        resource: str | None = None,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=0, le=500)] = 50,
    ) -> Response:
        """Every event of the customer, newest first; `resource=a,b` keeps those of either."""
        await consistent(request)
        pool = service_of(request).database.pool
        # Before the reading: the page is at least so fresh.
        fresh = freshness_headers(ALL_PARTS, await reader.read(pool), utc_now())
        page = await read_timeline(
            pool,
            storable(customer_id),
            resources=storable(resource).split(",") if resource else None,
            offset=offset,
            limit=limit,
        )
        paged = bool({"offset", "limit"} & request.query_params.keys())
        body = orjson.dumps(page.entries)
        return _page(body, len(page.entries), page.total, paged=paged, fresh=fresh)

    return router


def _page(body: bytes, count: int, total: int, *, paged: bool, fresh: dict[str, str]) -> Response:
    """206 only for a client that pages itself (TMF630)."""
    return Response(
        body,
        status_code=206 if paged and count < total else 200,
        headers={"X-Total-Count": str(total), "X-Result-Count": str(count), **fresh},
        media_type=JSON,
    )
