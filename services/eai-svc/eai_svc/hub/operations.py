"""`/ops/hub`: every subscription's lag and failures; pause, resume, replay."""

from typing import Any

from dualbus_kit.errors import Invalid
from dualbus_tmf.dependencies import service_of
from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from eai_svc.hub.cursors import start_replay
from eai_svc.hub.subscriptions import HUB_SIGNAL, SubscriptionNotFound, pause, resume
from eai_svc.hub.view import subscriptions_seen

router = APIRouter(prefix="/ops/hub", tags=["operations"])


class InvalidReplay(Invalid):
    code = "invalidReplay"
    reason = "Nothing can be replayed for this range"


class Replay(BaseModel):
    """What to send once more: from one moment to another, of one customer or of all."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime | None = Field(default=None, alias="to")
    customer_id: str | None = Field(default=None, alias="customerId")


@router.get("", operation_id="listSubscriptions")
async def list_subscriptions(request: Request) -> dict[str, Any]:
    """Every subscription of every API, the oldest first."""
    return {"hub": await _seen(request)}


@router.get("/{hub_id}", operation_id="retrieveSubscription")
async def retrieve_subscription(request: Request, hub_id: str) -> dict[str, Any]:
    """One subscription: its lag, what it acknowledged last, its failures, its replays."""
    return await _one(request, hub_id)


@router.post("/{hub_id}/pause", operation_id="pauseSubscription")
async def pause_subscription(request: Request, hub_id: str) -> dict[str, Any]:
    """Deliver nothing until it is resumed; what happens meanwhile is delivered then."""
    async with service_of(request).database.unit_of_work() as uow:
        await pause(uow.connection, hub_id)
        uow.signal(HUB_SIGNAL)
    return await _one(request, hub_id)


@router.post("/{hub_id}/resume", operation_id="resumeSubscription")
async def resume_subscription(request: Request, hub_id: str) -> dict[str, Any]:
    """Deliver again, what was parked included, with all its attempts."""
    async with service_of(request).database.unit_of_work() as uow:
        await resume(uow.connection, hub_id)
        uow.signal(HUB_SIGNAL)
    return await _one(request, hub_id)


@router.post("/{hub_id}/replay", operation_id="replaySubscription", status_code=202)
async def replay_subscription(request: Request, hub_id: str, replay: Replay) -> dict[str, Any]:
    """Send a range of the log once more, to this subscriber alone; its query holds."""
    if replay.until is not None and replay.until <= replay.since:
        raise InvalidReplay("to: must be later than from")
    await _one(request, hub_id)
    async with service_of(request).database.unit_of_work() as uow:
        replay_id = await start_replay(
            uow.connection,
            hub_id,
            since=replay.since,
            until=replay.until,
            customer_id=replay.customer_id,
        )
        uow.signal(HUB_SIGNAL)
    return {"id": str(replay_id)}


async def _seen(request: Request, hub_id: str | None = None) -> list[dict[str, Any]]:
    service = service_of(request)
    return await subscriptions_seen(
        service.database.pool, service.settings.kafka_bootstrap_servers, hub_id
    )


async def _one(request: Request, hub_id: str) -> dict[str, Any]:
    found = await _seen(request, hub_id.replace("\0", ""))
    if not found:
        raise SubscriptionNotFound(f"subscription {hub_id} does not exist")
    return found[0]
