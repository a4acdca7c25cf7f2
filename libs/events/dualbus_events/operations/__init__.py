"""`/ops`: what the person on call sees and does about a service's part of the buses."""

from collections.abc import Sequence

from fastapi import APIRouter

from dualbus_events.batches import ConsumerSpec
from dualbus_events.operations.audit import audit_router
from dualbus_events.operations.consumers import consumers_router
from dualbus_events.operations.outbox import outbox_router
from dualbus_events.operations.parked import parked_router
from dualbus_events.operations.replay import replay_router


def operations_router(consumers: Sequence[ConsumerSpec]) -> APIRouter:
    """Everything that every service has under `/ops`."""
    router = APIRouter()
    for part in (
        parked_router(consumers),
        outbox_router(),
        consumers_router(consumers),
        replay_router(consumers),
        audit_router(),
    ):
        router.include_router(part)
    return router
