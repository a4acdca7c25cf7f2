"""Health of a process: live as soon as it runs, ready when every part it needs answers."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse

Check = Callable[[], Awaitable[str | None]]
"""A check answers None when all is well, or one sentence that says what is wrong."""

CHECK_SECONDS = 3.0


class Health:
    """The checks that decide whether a process is ready."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        self._checks[name] = check

    async def problems(self) -> dict[str, str | None]:
        """Each check's answer by its name; None means well."""
        answers = await asyncio.gather(*(self._run(check) for check in self._checks.values()))
        return dict(zip(self._checks, answers, strict=True))

    async def _run(self, check: Check) -> str | None:
        try:
            return await asyncio.wait_for(check(), CHECK_SECONDS)
        except TimeoutError:
            return f"no answer within {CHECK_SECONDS:.0f} s"
        except Exception as error:
            return f"{type(error).__name__}: {error}"


def health_router(health: Health) -> APIRouter:
    """`/health/live` and `/health/ready`."""
    router = APIRouter(prefix="/health", tags=["operations"])

    @router.get("/live")
    async def live() -> dict[str, str]:
        return {"status": "up"}

    @router.get("/ready")
    async def ready() -> JSONResponse:
        problems = await health.problems()
        well = not any(problems.values())
        return JSONResponse(
            {
                "status": "up" if well else "down",
                "checks": {k: v or "up" for k, v in problems.items()},
            },
            status_code=200 if well else 503,
        )

    return router
