"""`/ops/consumer`: this service's consumers; let one that stopped itself go on."""

from collections.abc import Sequence
from typing import Any

from dualbus_kit.errors import NotFound
from fastapi import APIRouter, Request

from dualbus_events.batches import ConsumerSpec
from dualbus_events.breaker import resume_consumer, stopped_consumers
from dualbus_events.operations.audit import audited
from dualbus_events.operations.requests import database_of


class NothingStopped(NotFound):
    code = "nothingStopped"
    reason = "No such consumer has stopped"


def consumers_router(specs: Sequence[ConsumerSpec]) -> APIRouter:
    """List the consumers with those that stopped, and resume one."""
    router = APIRouter(prefix="/ops/consumer", tags=["operations"])

    @router.get("", operation_id="listConsumer")
    async def list_consumer(request: Request) -> dict[str, Any]:
        """Every consumer: its topics, and why its members have stopped, if they have."""
        async with database_of(request).pool.acquire() as connection:
            stopped = {one.consumer: one for one in await stopped_consumers(connection)}
        return {
            "consumer": [
                {
                    "group": spec.group,
                    "topics": sorted(spec.handlers.topics),
                    "stopped": (
                        {"since": one.stopped_at, "reason": one.reason, "members": one.members}
                        if (one := stopped.get(spec.number))
                        else None
                    ),
                }
                for spec in specs
            ]
        }

    @router.post("/{group}/resume", operation_id="resumeConsumer")
    async def resume(request: Request, group: str) -> dict[str, Any]:
        """Take messages again: those that still fail are parked, until half of them fail again."""
        number = next((spec.number for spec in specs if spec.group == group), None)
        async with database_of(request).pool.acquire() as connection:
            stopped = [o for o in await stopped_consumers(connection) if o.consumer == number]
        if number is None or not stopped:
            raise NothingStopped(group)
        before = {"since": stopped[0].stopped_at, "reason": stopped[0].reason}
        async with audited(request, "consumer.resume", group, before=before) as entry:
            async with database_of(request).pool.acquire() as connection:
                await resume_consumer(connection, number)
            entry.after = {"resumed": True}
        return {"resumed": group}

    return router
