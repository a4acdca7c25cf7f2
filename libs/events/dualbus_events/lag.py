"""How far a consumer is behind: its metrics, and whoever wants to be told."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
import structlog
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS

from dualbus_events.broker import Consumer, TopicPartition
from dualbus_events.metrics import CONSUMER_LAG, CONSUMER_LAG_SECONDS

log = structlog.get_logger(__name__)

_EVERY_SECONDS = 5.0
_OBSERVED_EVERY_SECONDS = 1.0

CaughtUp = Callable[[Mapping[TopicPartition, int], float], Awaitable[None]]
"""Told once a second: records still unread per partition, and the moment that was so."""


class LagMeter:
    """Measures one consumer's lag now and then."""

    def __init__(self, consumer: Consumer, group: str, observe: CaughtUp | None) -> None:
        self.applied_until = time.time()
        """When the last applied message was produced, in seconds since 1970."""
        self._consumer = consumer
        self._group = group
        self._observe = observe
        self._every = _OBSERVED_EVERY_SECONDS if observe else _EVERY_SECONDS
        self._at = 0.0
        self._shown: set[TopicPartition] = set()

    async def measure(self, polled_at: float) -> None:
        """Measure, if it is time to. Never raises for the broker's or the database's sake.

        `polled_at` is when the last poll ended: nothing is known of what was written since.
        """
        if polled_at - self._at < self._every:
            return
        self._at = polled_at
        try:
            lag = await self._consumer.lag()
        except Exception as error:
            log.debug("lag unknown", error=repr(error))
            return
        self._show(lag, polled_at - self.applied_until if any(lag.values()) else 0)
        if self._observe is not None:
            with contextlib.suppress(*TRANSIENT_DATABASE_ERRORS, asyncpg.PostgresError):
                await self._observe(lag, polled_at)

    def _show(self, lag: Mapping[TopicPartition, int], seconds: float) -> None:
        # What another member reads now would stand still here for ever.
        for partition in self._shown - lag.keys():
            CONSUMER_LAG.remove(self._group, *partition)
        self._shown = set(lag)
        for partition, unread in lag.items():
            CONSUMER_LAG.labels(self._group, *partition).set(unread)
        CONSUMER_LAG_SECONDS.labels(self._group).set(seconds)
