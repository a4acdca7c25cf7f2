"""A service as a process: its HTTP application, the parts that run beside it, a graceful stop."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dualbus_kit.health import Health, health_router
from dualbus_kit.middleware import RequestMiddleware
from dualbus_kit.openapi import describe_problems
from dualbus_kit.problems import install_problems
from dualbus_kit.settings import ServiceSettings

log = structlog.get_logger(__name__)
STOP_SECONDS = 10


class Part(Protocol):
    """Something that runs beside the HTTP server: a relay, a consumer, timers."""

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Finish what is under way, then stop."""
        ...


@dataclass(frozen=True)
class Process:
    """What one process of a service runs. Parts start in order and stop in reverse."""

    title: str
    settings: ServiceSettings
    routers: Sequence[APIRouter]
    parts: Sequence[Part]
    health: Health = field(default_factory=Health)
    state: object | None = None


def create_app(process: Process) -> FastAPI:
    """The application: problems, correlation ids, size limit, health, metrics, the routers.

    `app.state.service` is the process's `state`, where endpoints find the database.
    """
    settings = process.settings

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for part in process.parts:
                await part.start()
                stack.push_async_callback(_stop, part)
            yield

    app = FastAPI(title=process.title, lifespan=lifespan, servers=[{"url": settings.public_url}])
    app.state.service = process.state
    install_problems(app)
    app.add_middleware(RequestMiddleware, max_body_bytes=settings.max_body_bytes)
    app.include_router(health_router(process.health))
    app.include_router(_metrics_router())
    if "api" in settings.roles:
        for router in process.routers:
            app.include_router(router)
    describe_problems(app)
    return app


async def _stop(part: Part) -> None:
    try:
        await asyncio.wait_for(part.stop(), STOP_SECONDS)
    except Exception:  # the other parts must still get their chance to stop
        log.exception("part did not stop cleanly", part=type(part).__name__)


def _metrics_router() -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


def collect_garbage_less_often() -> None:
    """For processes that take messages in batches, which are garbage without cycles.

    With Python's own thresholds a quarter of a consumer's time went into looking through batches
    under way. What was made at the start stays, and is never looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def run(process: Process) -> None:
    """Serve until SIGTERM or SIGINT; requests and batches under way are finished first."""
    settings = process.settings
    collect_garbage_less_often()
    uvicorn.run(
        create_app(process),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=STOP_SECONDS,
        # Longer than any client or gateway keeps an idle connection, so that we never close one
        # that a request is just being sent on.
        timeout_keep_alive=90,
    )
