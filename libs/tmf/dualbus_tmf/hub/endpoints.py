"""`{base}/hub` of every API of a service: register, look up, list, delete."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace

import orjson
from dualbus_events.catalogue import fact_topic
from dualbus_events.hub_registration import Hub
from dualbus_events.service import ServiceSpec
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import Conflict
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from dualbus_tmf import openapi, reading
from dualbus_tmf.bodies import parse_body
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of, storable
from dualbus_tmf.filters import Filter
from dualbus_tmf.hrefs import api_of
from dualbus_tmf.hub.registration import HubNotFound, HubRegistration, Hubs
from dualbus_tmf.hub.signing import signing_key
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.list_query import parse_fields, parse_list_query
from dualbus_tmf.listing import Listing
from dualbus_tmf.media_types import JSON
from dualbus_tmf.projection import projected
from dualbus_tmf.writing import created

_LISTING = Listing(Hubs)
_BASE = re.compile(r"(?P<base>/.+/v\d+)/(?P<resource>\w+)")


class HubCreate(BaseModel):
    """What a subscriber sends."""

    callback: str
    query: str | None = None


class NoSigningSecret(Conflict):
    code = "hubNotConfigured"
    reason = "This system has no secret to sign events with (DUALBUS_HUB_SECRET)"


def with_hubs(spec: ServiceSpec) -> ServiceSpec:
    """The service with a `/hub` beside the resources of each of its APIs that have events."""
    routers = [hub_router(api, topics) for api, topics in apis_of(spec).items()]
    return replace(spec, routers=[*spec.routers, *routers])


def apis_of(spec: ServiceSpec) -> Mapping[str, Collection[str]]:
    """The base paths of a service's APIs, each with the topics of its resources' events."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in _paths(spec.routers):
        match = _BASE.match(path)
        if match is None:
            continue
        try:
            topic = fact_topic(match["resource"])
        except KeyError:
            continue
        if topic.owner == spec.name:
            found[match["base"]].add(topic.name)
    return found


def hub_router(api: str, topics: Collection[str]) -> APIRouter:
    """`{api}/hub` for the events of these topics."""
    name = api_of(f"{api}/hub")
    router, resource, path = APIRouter(tags=[name]), f"{name}Hub", f"{api}/hub"

    @router.get(path, **openapi.list_operation(resource, Hub))
    async def list_hubs(request: Request) -> Response:
        return await listed(request, api)

    @router.post(path, **openapi.create_operation(resource, Hub, required=["callback"]))
    async def register_hub(request: Request) -> Response:
        return await registered(request, api, topics)

    @router.get(path + "/{id}", **openapi.retrieve_operation(resource, Hub))
    async def retrieve_hub(request: Request, resource_id: ResourceId) -> Response:
        return await retrieved(request, api, resource_id)

    @router.delete(path + "/{id}", **openapi.delete_operation(resource))
    async def delete_hub(resource_id: ResourceId, uow: Uow) -> Response:
        return await deleted(uow, api, resource_id)

    return router


async def listed(request: Request, api: str) -> Response:
    """The hubs of one API."""
    query = parse_list_query(request.query_params.multi_items(), document=Hub)
    query.filters.append(Filter("api", ("api",), "eq", (api,)))
    return await reading.listed(request, _LISTING, query, path=f"{api}/hub")


async def registered(
    request: Request,
    api: str,
    topics: Collection[str],
    *,
    event_key: str | None = None,
    beforehand: Callable[[UnitOfWork], Awaitable[object]] | None = None,
) -> Response:
    """A new hub, with its signing key. Raises what `HubRegistration.registered` does.

    `beforehand` holds what must not go meanwhile, or raises.
    """
    service = service_of(request)
    secret = service.settings.hub_secret
    if secret is None:
        raise NoSigningSecret
    body = await parse_body(request, HubCreate)

    async def register(uow: UnitOfWork) -> Response:
        if beforehand:
            await beforehand(uow)
        hub = HubRegistration.registered(
            uow,
            api=api,
            topics=topics,
            callback=body.callback,
            query=body.query,
            event_key=event_key,
        )
        uow.add(hub)
        return created(hub)

    answer = await answer_once(request, service.database, scope=f"{api}/hub", work=register)
    return _with_key(answer, secret.get_secret_value())


async def retrieved(request: Request, api: str, hub_id: str) -> Response:
    """One hub of this API; HubNotFound for those of others too."""
    body = await service_of(request).database.pool.fetchval(
        "SELECT body FROM hub WHERE id = $1 AND api = $2", storable(hub_id), storable(api)
    )
    if body is None:
        raise HubNotFound(f"hub {hub_id} does not exist")
    fields = parse_fields(request.query_params.get("fields"))
    return Response(projected(body, fields), media_type=JSON)


async def deleted(uow: UnitOfWork, api: str, hub_id: str) -> Response:
    """Nothing more is delivered to it."""
    hub = await load_one(uow, Hubs, hub_id)
    if hub.document.api != api:
        raise HubNotFound(f"hub {hub_id} does not exist")
    hub.delete()
    return Response(status_code=204)


def _with_key(answer: Response, secret: str) -> Response:
    """The answer with the key of the signatures, which is told here only and stored nowhere."""
    hub = orjson.loads(answer.body)
    body = orjson.dumps({**hub, "signingKey": signing_key(secret, hub["id"])})
    kept = {n: v for n, v in answer.headers.items() if n not in ("content-length", "content-type")}
    return Response(body, status_code=answer.status_code, media_type=JSON, headers=kept)


def _paths(routers: Iterable[APIRouter]) -> Iterable[str]:
    for router in routers:
        for route in router.routes:
            # A router that includes another one keeps it whole.
            included = getattr(route, "original_router", None)
            yield from _paths([included]) if included else [str(getattr(route, "path", ""))]
