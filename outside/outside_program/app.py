"""The app both programs start from: health, and `/admin` to steer and to look inside."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol

from fastapi import APIRouter, FastAPI

from outside_program.activity import Activity
from outside_program.behaviour import Behaviour, BehaviourSettings


class OutsideSystem(Protocol):
    """What the admin endpoints need of an outside system."""

    @property
    def behaviour(self) -> Behaviour: ...

    @property
    def activity(self) -> Activity: ...

    def active(self) -> Sequence[object]:
        """Everything that is active now, in JSON terms, oldest first."""
        ...


def create_app(system: OutsideSystem, *, title: str) -> FastAPI:
    """Make an app with health and admin endpoints; the caller adds the system's own."""
    app = FastAPI(title=title)
    app.include_router(_health())
    app.include_router(_admin(system))
    return app


async def answer_after(latency_ms: float) -> None:
    """Hold an answer back; the work itself was done when the request arrived."""
    if latency_ms:
        await asyncio.sleep(latency_ms / 1000)


def _health() -> APIRouter:
    router = APIRouter(prefix="/health")

    @router.get("/live")
    @router.get("/ready")
    async def retrieve_health() -> dict[str, str]:
        return {"status": "up"}

    return router


def _admin(system: OutsideSystem) -> APIRouter:
    router = APIRouter(prefix="/admin")

    @router.get("/behaviour")
    async def retrieve_behaviour() -> BehaviourSettings:
        return system.behaviour.settings

    @router.put("/behaviour")
    async def replace_behaviour(settings: BehaviourSettings) -> BehaviourSettings:
        system.behaviour.change(settings)
        return system.behaviour.settings

    @router.get("/activity")
    async def retrieve_activity() -> dict[str, int]:
        return asdict(system.activity)

    @router.get("/active")
    async def list_active() -> dict[str, object]:
        active = system.active()
        return {"count": len(active), "active": active}

    return router
