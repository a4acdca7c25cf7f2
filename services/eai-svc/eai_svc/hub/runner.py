"""The part that delivers: it leases subscriptions, and runs readers and a courier for each."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from dualbus_events.service import RunningService
from dualbus_kit.ids import new_uuid
from dualbus_tmf.hub.signing import signing_key

from eai_svc.hub.courier import Courier, Patience
from eai_svc.hub.cursors import Cursor, CursorMoved, unfinished_cursors
from eai_svc.hub.reading import Reader
from eai_svc.hub.sending import Sender
from eai_svc.hub.subscriptions import HUB_SIGNAL, Subscription, lease, release
from eai_svc.settings import EaiSettings

log = structlog.get_logger(__name__)

_ROUND_SECONDS = 1.0
_STOP_SECONDS = 8.0


@dataclass
class _Delivered:
    """What runs for one subscription."""

    subscription: Subscription
    courier: Courier
    stopping: asyncio.Event
    tasks: dict[object, asyncio.Task[None]] = field(default_factory=dict)


class HubRunner:
    """Delivers every subscription that no other process delivers."""

    def __init__(self, service: RunningService) -> None:
        if not isinstance(service.settings, EaiSettings):
            raise TypeError("eai-svc runs with EaiSettings")
        self._settings = service.settings
        self._database = service.database
        self._owner: UUID = new_uuid()
        self._delivered: dict[str, _Delivered] = {}
        self._stopping = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._database.listen(HUB_SIGNAL, self._wake.set)
        self._task = asyncio.create_task(self._run(), name="hub")

    async def stop(self) -> None:
        """Finish the posts under way and let another process take over."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._round()
            except Exception as error:  # the next round tries again; leases outlast a few
                log.warning("hub round failed", error=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _ROUND_SECONDS)
                # Something may have become due at once: it was resumed, or asked for again.
                for delivered in self._delivered.values():
                    delivered.courier.wake()
            self._wake.clear()
        await self._drop(list(self._delivered))
        with contextlib.suppress(Exception):
            await release(self._database.pool, self._owner)

    async def _round(self) -> None:
        pool = self._database.pool
        ours = {one.id: one for one in await lease(pool, self._owner)}
        await self._drop([id_ for id_ in self._delivered if id_ not in ours])
        cursors: Mapping[str, list[Cursor]] = defaultdict(list)
        for cursor in await unfinished_cursors(pool, list(ours)):
            cursors[cursor.subscription_id].append(cursor)
        for subscription in ours.values():
            try:
                self._deliver(subscription, cursors[subscription.id])
            except Exception as error:  # one that can't be started must not hold up the others
                log.error("not delivered", subscription=subscription.id, error=repr(error))

    def _deliver(self, subscription: Subscription, cursors: Sequence[Cursor]) -> None:
        delivered = self._delivered.get(subscription.id)
        if delivered is None:
            delivered = self._delivered[subscription.id] = self._new(subscription)
        self._keep_running(delivered, "courier", delivered.courier.run)
        for cursor in cursors:
            reader = Reader(
                self._database,
                self._settings.kafka_bootstrap_servers,
                subscription,
                cursor,
                delivered.courier.wake,
                delivered.stopping,
            )
            self._keep_running(delivered, cursor.id, reader.run)

    def _new(self, subscription: Subscription) -> _Delivered:
        settings, stopping = self._settings, asyncio.Event()
        if settings.hub_secret is None:
            raise ValueError("DUALBUS_HUB_SECRET is not set: nothing can be signed")
        sender = Sender(
            subscription.callback,
            key=signing_key(settings.hub_secret.get_secret_value(), subscription.id),
            timeout_seconds=settings.hub_timeout_seconds,
            allowed=settings.hub_allowed_networks,
        )
        patience = Patience(
            settings.hub_attempts, settings.hub_first_pause_seconds, settings.hub_silent_seconds
        )
        courier = Courier(self._database, subscription.id, sender, patience, stopping)
        return _Delivered(subscription, courier, stopping)

    def _keep_running(
        self, delivered: _Delivered, name: object, run: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        task = delivered.tasks.get(name)
        if task is not None and not task.done():
            return
        if task is not None:
            _report(delivered.subscription, task)
        delivered.tasks[name] = asyncio.create_task(run(), name=f"hub {name}")

    async def _drop(self, ids: Sequence[str]) -> None:
        dropped = [self._delivered.pop(id_) for id_ in ids]
        for one in dropped:
            one.stopping.set()
            one.courier.wake()
        tasks = [task for one in dropped for task in one.tasks.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=_STOP_SECONDS)


def _report(subscription: Subscription, task: "asyncio.Task[None]") -> None:
    error = task.exception()
    if error is not None and not isinstance(error, CursorMoved):
        log.warning("delivery interrupted", subscription=subscription.id, error=repr(error))
