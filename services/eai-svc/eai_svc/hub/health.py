"""How a subscriber fares: its last answer, and how long it has been silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg
import structlog
from dualbus_kit.database import Connection

from eai_svc.hub.queue import Delivery

log = structlog.get_logger(__name__)

_HEALTH = """
SELECT failures, retry_at > now() AS resting,
       EXISTS (SELECT FROM delivery WHERE subscription_id = $1 AND NOT parked) AS waiting
FROM subscription WHERE id = $1
"""
_ANSWERED = """
UPDATE subscription SET acknowledged = acknowledged + $2, failures = 0, unreachable_since = NULL,
  retry_at = '-infinity', last_event_id = coalesce($3, last_event_id),
  last_event_type = coalesce($4, last_event_type),
  last_acknowledged_at = CASE WHEN $2 > 0 THEN now() ELSE last_acknowledged_at END,
  last_error = coalesce($5, last_error),
  last_error_at = CASE WHEN $5::text IS NULL THEN last_error_at ELSE now() END
WHERE id = $1
"""
_SILENT = """
UPDATE subscription SET failures = failures + 1,
  unreachable_since = coalesce(unreachable_since, now()),
  retry_at = now() + make_interval(secs => $3), last_error = $2, last_error_at = now(),
  state = CASE WHEN state = 'active'
               AND now() - coalesce(unreachable_since, now()) >= make_interval(secs => $4)
               THEN 'parked' ELSE state END
WHERE id = $1 RETURNING state
"""


@dataclass(frozen=True, slots=True)
class Health:
    """Rounds without an answer, whether it is too early to try again, whether anything waits."""

    failures: int = 0
    resting: bool = False
    waiting: bool = False


class Patient(Protocol):
    """How long to wait, see `Patience`."""

    @property
    def silent_seconds(self) -> float: ...

    def pause(self, failures: int) -> float: ...


async def read(pool: asyncpg.Pool, subscription_id: str) -> Health:
    """Also what another process or a restart has left behind."""
    row = await pool.fetchrow(_HEALTH, subscription_id)
    return Health(**row) if row else Health()


async def answered(
    connection: Connection,
    subscription_id: str,
    acknowledged: Sequence[Delivery],
    errors: Sequence[str],
) -> None:
    """The subscriber is there: it took these events, or refused some."""
    last = acknowledged[-1] if acknowledged else None
    await connection.execute(
        _ANSWERED,
        subscription_id,
        len(acknowledged),
        last.event_id if last else None,
        last.event_type if last else None,
        errors[-1] if errors else None,
    )


async def silent(
    connection: Connection, subscription_id: str, health: Health, error: str, patient: Patient
) -> None:
    """Nobody answered: all its events wait, longer each time, in the end until it is resumed."""
    state = await connection.fetchval(
        _SILENT,
        subscription_id,
        error[:500],
        patient.pause(health.failures + 1),
        patient.silent_seconds,
    )
    if state == "parked":
        log.error("subscription parked", subscription=subscription_id, error=error)
