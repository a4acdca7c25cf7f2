"""Subscriptions: what was registered, who delivers it now, and how it fares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from dualbus_events.hub_registration import Hub
from dualbus_kit.database import Connection
from dualbus_kit.errors import NotFound
from dualbus_kit.ids import new_uuid

HUB_SIGNAL = "hub"
"""Given when there may be something to start, stop or deliver."""

LEASE_SECONDS = 15.0
_RENEW_SECONDS = 10.0
# The clocks of two services may differ, and an event before the registration does no harm.
_CLOCK_SKEW = timedelta(seconds=5)

_SUBSCRIBE = """
INSERT INTO subscription (id, api, callback, query, topics, event_key, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_FOLLOW = """
INSERT INTO subscription_cursor (id, subscription_id, live, since) VALUES ($1, $2, true, $3)
"""
_LEASE = """
UPDATE subscription SET owner = $1, lease_until = now() + make_interval(secs => $2)
WHERE id IN (
  SELECT id FROM subscription
  WHERE state = 'active' AND (lease_until < now()
    OR (owner = $1 AND lease_until < now() + make_interval(secs => $3)))
  FOR UPDATE SKIP LOCKED)
"""
_OWNED = """
SELECT id, callback, query, topics, event_key FROM subscription
WHERE owner = $1 AND lease_until > now() AND state = 'active'
"""
_RELEASE = "UPDATE subscription SET lease_until = '-infinity' WHERE owner = $1"
_PAUSE = "UPDATE subscription SET state = 'paused' WHERE id = $1 RETURNING id"
_RESUME = """
UPDATE subscription SET state = 'active', failures = 0, unreachable_since = NULL,
                        retry_at = '-infinity' WHERE id = $1 RETURNING id
"""
_UNPARK = """
UPDATE delivery SET parked = false, attempts = 0, due_at = '-infinity'
WHERE subscription_id = $1 AND (parked OR due_at > now())
"""


class SubscriptionNotFound(NotFound):
    code = "subscriptionNotFound"
    reason = "No such subscription"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What its deliverer needs to know."""

    id: str
    callback: str
    query: str | None
    topics: tuple[str, ...]
    event_key: str | None


async def subscribe(connection: Connection, hub: Hub, registered_at: datetime) -> None:
    """Follow the log from the moment of the registration; nothing when it is known already."""
    status = await connection.execute(
        _SUBSCRIBE,
        *(hub.id, hub.api, hub.callback, hub.query, hub.event_topic, hub.event_key),
        registered_at,
    )
    if status.endswith(" 1"):
        await connection.execute(_FOLLOW, new_uuid(), hub.id, registered_at - _CLOCK_SKEW)


async def unsubscribe(connection: Connection, ids: Sequence[str]) -> None:
    """Forget subscriptions and all that waits for them."""
    await connection.execute("DELETE FROM subscription WHERE id = ANY($1)", list(ids))


async def lease(pool: asyncpg.Pool, owner: UUID) -> list[Subscription]:
    """Take what nobody delivers and keep what is ours; all that are ours now."""
    await pool.execute(_LEASE, owner, LEASE_SECONDS, _RENEW_SECONDS)
    return [
        Subscription(
            row["id"], row["callback"], row["query"], tuple(row["topics"]), row["event_key"]
        )
        for row in await pool.fetch(_OWNED, owner)
    ]


async def release(pool: asyncpg.Pool, owner: UUID) -> None:
    """Let others take over at once."""
    await pool.execute(_RELEASE, owner)


async def pause(connection: Connection, subscription_id: str) -> None:
    """Deliver nothing until resumed. Raises SubscriptionNotFound."""
    if await connection.fetchval(_PAUSE, subscription_id) is None:
        raise SubscriptionNotFound(f"subscription {subscription_id} does not exist")


async def resume(connection: Connection, subscription_id: str) -> None:
    """Deliver again, what was parked first, with all its attempts. Raises SubscriptionNotFound."""
    if await connection.fetchval(_RESUME, subscription_id) is None:
        raise SubscriptionNotFound(f"subscription {subscription_id} does not exist")
    await connection.execute(_UNPARK, subscription_id)
