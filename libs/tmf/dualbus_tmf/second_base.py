"""An API, or a resource, at a second path, where a kit and the definition spell it differently."""

from fastapi import APIRouter
from starlette.routing import Route
from starlette.types import Receive, Scope, Send


class _Elsewhere:
    """Answers a request as if it had come to the API's own base path, which hrefs name."""

    def __init__(self, second: str, base: str) -> None:
        self._second, self._base = second, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        second, base = self._second, self._base
        own = {
            **scope,
            "path": base + scope["path"].removeprefix(second),
            "raw_path": base.encode() + scope["raw_path"].removeprefix(second.encode()),
        }
        await scope["app"].router(own, receive, send)


def second_base_router(second: str, *, base: str) -> APIRouter:
    """Serve all of `base`, such as `/tmf-api/alarm/v4`, at `second` too; not in OpenAPI.

    `base` may be the path of a collection, with the name of its resource, as well.
    """
    router = APIRouter()
    elsewhere = _Elsewhere(second, base)
    for path in (second, second + "/{rest:path}"):
        router.routes.append(Route(path, elsewhere, include_in_schema=False))
    return router
