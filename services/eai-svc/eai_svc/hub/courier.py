"""From a subscriber's queue to its callback: in order per key, many keys at once, nothing lost."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from dualbus_events.parking import Key
from dualbus_events.unit_of_work import Database
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS

from eai_svc.hub import health, queue
from eai_svc.hub.metrics import DELIVERIES
from eai_svc.hub.queue import Delivery, Refusal
from eai_svc.hub.sending import Outcome, Sender

log = structlog.get_logger(__name__)

_AT_ONCE = 16
# Whoever queues wakes the courier; what was refused becomes due by itself.
_WAITING_SECONDS = 0.2
_IDLE_SECONDS = 5.0
_LAST_PAUSE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often an event is posted that is refused, and how long a silent subscriber is waited for.

    Pauses double from `first_pause` on, up to five minutes.
    """

    attempts: int
    first_pause: float
    silent_seconds: float

    def pause(self, failures: int) -> float:
        return min(self.first_pause * 2.0 ** min(failures - 1, 20), _LAST_PAUSE_SECONDS)


class Courier:
    """Delivers one subscription until `stopping` is set."""

    def __init__(
        self,
        database: Database,
        subscription_id: str,
        sender: Sender,
        patience: Patience,
        stopping: asyncio.Event,
    ) -> None:
        self._database = database
        self._subscription_id = subscription_id
        self._sender = sender
        self._patience = patience
        self._stopping = stopping
        self._wake = asyncio.Event()
        # Until it is settled, a key counts as under way: else it would be claimed a second time.
        self._chains: dict[Key, asyncio.Task[None]] = {}
        self._ended: list[Key] = []
        self._outcomes: list[tuple[Delivery, Outcome]] = []
        self._health = health.Health()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver, settle, and again. What is not settled at the end is delivered again."""
        try:
            while not self._stopping.is_set():
                try:
                    await self._round()
                except Exception as error:  # whatever it is, the next round tries again
                    log.warning(
                        "round failed", subscription=self._subscription_id, error=repr(error)
                    )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._pause)
                self._wake.clear()
        finally:
            await self._end()

    @property
    def _pause(self) -> float:
        return _WAITING_SECONDS if self._health.waiting or self._chains else _IDLE_SECONDS

    async def _round(self) -> None:
        await self._settle()
        self._health = await health.read(self._database.pool, self._subscription_id)
        at_once = 1 if self._health.failures else _AT_ONCE
        free = at_once - len(self._chains)
        if free <= 0 or self._health.resting or not self._health.waiting:
            return
        claimed = await queue.claim(self._database.pool, self._subscription_id, self._chains)
        chains: dict[Key, list[Delivery]] = {}
        for delivery in claimed:
            chains.setdefault(delivery.keyed, []).append(delivery)
        for key, chain in list(chains.items())[:free]:
            self._chains[key] = asyncio.create_task(self._deliver(key, chain))

    async def _deliver(self, key: Key, chain: Sequence[Delivery]) -> None:
        """Events of one key, one after the other, until one is not acknowledged."""
        try:
            for delivery in chain:
                outcome = await self._sender.post(delivery)
                self._outcomes.append((delivery, outcome))
                if outcome.kind != "acknowledged" or self._stopping.is_set():
                    break
        finally:
            self._ended.append(key)
            self._wake.set()

    async def _settle(self) -> None:
        outcomes, ended = list(self._outcomes), list(self._ended)
        if outcomes:
            await self._store(outcomes)
        # Only now: what can't be stored is kept for the next round.
        del self._outcomes[: len(outcomes)], self._ended[: len(ended)]
        for key in ended:
            del self._chains[key]
        for _, outcome in outcomes:
            DELIVERIES.labels(outcome.kind).inc()

    async def _store(self, outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
        acknowledged = [delivery for delivery, o in outcomes if o.kind == "acknowledged"]
        refused = [self._refusal(d, o.error) for d, o in outcomes if o.kind == "refused"]
        silent = [o.error for _, o in outcomes if o.kind == "unreachable"]
        async with self._database.pool.acquire() as connection, connection.transaction():
            if not await queue.lock(connection, self._subscription_id):
                return
            await queue.settle(
                connection, self._subscription_id, acknowledged=acknowledged, refused=refused
            )
            if acknowledged or refused:
                errors = [one.error for one in refused]
                await health.answered(connection, self._subscription_id, acknowledged, errors)
            elif silent:
                await health.silent(
                    connection, self._subscription_id, self._health, silent[-1], self._patience
                )

    def _refusal(self, delivery: Delivery, error: str) -> Refusal:
        attempts = delivery.attempts + 1
        final = attempts >= self._patience.attempts
        return Refusal(delivery, error, self._patience.pause(attempts), final)

    async def _end(self) -> None:
        """Give posts under way a moment, then settle what was answered."""
        under_way = list(self._chains.values())
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=2)
            for chain in late:
                chain.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(*TRANSIENT_DATABASE_ERRORS):
            await self._settle()
        await self._sender.close()
