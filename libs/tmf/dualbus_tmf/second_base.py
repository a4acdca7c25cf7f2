"""An API at a second base path, where a kit and the definition spell it differently."""

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
    """Serve all of `base`, such as `/tmf-api/alarm/v4`, at `second` too; not in OpenAPI."""
    router = APIRouter()
    elsewhere = _Elsewhere(second, base)
    router.routes.append(Route(second + "/{rest:path}", elsewhere, include_in_schema=False))
    return router
