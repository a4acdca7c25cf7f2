"""The consumer loop: poll, apply in one transaction; offsets follow, explicitly, once a second."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import structlog
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS
from dualbus_kit.errors import Conflict, Invalid, NotFound, Superseded, Unavailable
from pydantic import ValidationError

from dualbus_events.batches import BatchApplier, ConsumerSpec, key_of
from dualbus_events.breaker import PROBE_SECONDS, Breaker, SystemicFailure
from dualbus_events.broker import Consumer, ReceivedRecord, TopicPartition
from dualbus_events.crash_points import crash_point
from dualbus_events.lag import CaughtUp, LagMeter
from dualbus_events.metrics import (
    CONSUMED,
    CONSUMER_BATCH,
    CONSUMER_GAPS,
    PROCESS_SECONDS,
    REBALANCES,
)
from dualbus_events.pace import Pace
from dualbus_events.parking import Key
from dualbus_events.unit_of_work import Database

log = structlog.get_logger(__name__)
T = TypeVar("T")

MAX_RECORDS = 1000
_POLL_MS = 300
_COMMIT_EVERY_SECONDS = 1.0
_FIRST_RETRY_SECONDS = 0.05
_LAST_RETRY_SECONDS = 5.0
_UNKNOWN_ERROR_TRIES = 3
_LOOK_SECONDS = 1.0

TRANSIENT = (*TRANSIENT_DATABASE_ERRORS, Superseded, Unavailable)
# What trying again can't mend: the message, or what it asks for, is wrong.
PERMANENT = (Invalid, NotFound, Conflict, ValidationError, KeyError, ValueError)


class _Stopped(Exception):
    """The batch was abandoned: the process stops, or its partitions were taken away."""


class ConsumerLoop:
    """Runs one consumer until stopped. It never skips a record and never handles one twice."""

    def __init__(
        self,
        consumer: Consumer,
        database: Database,
        spec: ConsumerSpec,
        *,
        observe: CaughtUp | None = None,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._consumer = consumer
        self._spec = spec
        self._applier = BatchApplier(database, spec)
        self._breaker = Breaker(database.pool, group=spec.group, consumer=spec.number)
        self._probe_seconds = probe_seconds
        self._pace = Pace(spec.rest)
        self._epoch = 0
        self._revoking = False
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._expected: dict[TopicPartition, int] = {}
        self._applied: dict[TopicPartition, int] = {}
        self._committed_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._broker_trouble: str | None = None
        self._lag = LagMeter(consumer, spec.group, observe)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"consumer {self._spec.group}")

    async def stop(self) -> None:
        """Finish the batch under way, commit it, leave the group."""
        self._stopping = True
        if self._task is not None:
            await self._task
        await self._commit_applied()
        await self._breaker.forget()
        await self._consumer.stop()

    async def alive(self) -> str | None:
        """Health: None while the loop runs, takes messages, and the broker answers it."""
        if self._task is None or self._task.done():
            return "the consumer has stopped"
        return self._breaker.reason or self._broker_trouble

    async def revoked(self) -> None:
        """The group rebalances: let the batch under way end, for its owner is about to change."""
        REBALANCES.inc()
        self._epoch += 1
        self._revoking = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), 30)
        await self._commit_applied()

    async def assigned(self) -> None:
        self._revoking = False
        self._expected.clear()
        self._applied.clear()

    async def release(self, key: Key) -> int:
        """Handle a parked key's records again, in order; the number of them."""
        return await self._applier.release(key)

    async def _run(self) -> None:
        await self._connect()
        while not self._stopping:
            try:
                polled = await self._consumer.poll(timeout_ms=_POLL_MS, max_records=MAX_RECORDS)
            except Exception as error:  # the broker's troubles never end the loop
                log.warning("poll failed", group=self._spec.group, error=repr(error))
                self._broker_trouble = f"polls fail: {error!r}"
                await self._join_anew()
                continue
            self._broker_trouble = None
            polled_at = time.time()
            if polled:
                started = time.perf_counter()
                await self._take(polled)
                messages = sum(map(len, polled.values()))
                await self._pace.rest(time.perf_counter() - started, messages)
            if time.monotonic() - self._committed_at >= _COMMIT_EVERY_SECONDS:
                await self._commit_applied()
            await self._lag.measure(polled_at)

    async def _join_anew(self) -> None:
        """What a failed poll had already drained of other partitions must be read again."""
        await self._commit_applied()
        try:
            await self._consumer.stop()
        except Exception as error:
            log.warning("the group was not left", group=self._spec.group, error=repr(error))
        await asyncio.sleep(1)
        await self._connect()

    async def _connect(self) -> None:
        while not self._stopping:
            try:
                await self._consumer.start(self)
            except Exception as error:  # the broker may simply not be up yet
                log.warning("kafka can't be reached", group=self._spec.group, error=repr(error))
                await asyncio.sleep(1)
            else:
                return

    async def _take(self, polled: Mapping[TopicPartition, Sequence[ReceivedRecord]]) -> None:
        self._idle.clear()
        epoch = self._epoch
        try:
            self._notice_gaps(polled)
            records = [record for part in polled.values() for record in part]
            started = time.perf_counter()
            crash_point("consumer_before_apply")
            await self._apply_or_park(records)
            PROCESS_SECONDS.observe(time.perf_counter() - started)
            CONSUMER_BATCH.observe(len(records))
            self._lag.applied_until = max(record.timestamp_ms for record in records) / 1000
            for partition, part in polled.items():
                CONSUMED.labels(partition.topic).inc(len(part))
            if epoch == self._epoch or self._revoking:
                self._applied.update({tp: part[-1].offset + 1 for tp, part in polled.items()})
        except _Stopped:
            log.info("batch abandoned; another owner will take it", group=self._spec.group)
        finally:
            self._idle.set()

    async def _apply_or_park(self, records: Sequence[ReceivedRecord]) -> None:
        """Once this returns, each record is applied or parked. Nothing is ever skipped."""
        while True:
            if self._breaker.reason is not None:
                await self._hold(records)
            try:
                await self._apply(records)
            except _Stopped:
                raise
            except SystemicFailure:
                continue
            except Exception:  # parking failed too; a loop that ended would stop every key
                log.exception("batch neither applied nor parked", group=self._spec.group)
            else:
                return
            await asyncio.sleep(_LAST_RETRY_SECONDS)
            if self._stopping or self._revoking:
                raise _Stopped

    async def _hold(self, records: Sequence[ReceivedRecord]) -> None:
        """Wait, nothing parked, until one key can be handled again or an operator says so."""
        keys = deque(_by_key(records))
        while True:
            await asyncio.sleep(min(_LOOK_SECONDS, self._probe_seconds))
            if self._stopping or self._revoking:
                raise _Stopped
            if await self._breaker.resumed_by_operator():
                return await self._breaker.close("an operator said so")
            if self._breaker.probe_due(self._probe_seconds) and await self._probe(keys):
                return await self._breaker.close("a probe was handled")

    async def _probe(self, keys: deque[list[ReceivedRecord]]) -> bool:
        """Try the next key of which something is left to handle; one that fails goes to the end."""
        for _ in range(len(keys)):
            probe = keys[0]
            keys.rotate(-1)
            try:
                handled = await self._applier.apply(probe)
            except Exception as error:  # still failing: that is what the probe was to find out
                log.info("probe failed", group=self._spec.group, error=repr(error))
                return False
            if handled:
                return True
        return True

    async def _apply(self, records: Sequence[ReceivedRecord]) -> None:
        try:
            self._breaker.succeeded(await self._persist(partial(self._applier.apply, records)))
        except _Stopped:
            raise
        except Exception as error:  # the one place that decides about what a handler raised
            unknown = None if isinstance(error, PERMANENT) else error
            log.warning(
                "batch failed; isolating",
                group=self._spec.group,
                error=repr(error),
                exc_info=unknown,
            )
            await self._isolate(records)

    async def _isolate(self, records: Sequence[ReceivedRecord]) -> None:
        """Once more, a transaction per key; a key that fails alone is parked, the others go on."""
        for group in _by_key(records):
            try:
                self._breaker.succeeded(await self._persist(partial(self._applier.apply, group)))
            except _Stopped:
                raise
            except Exception as error:  # this key's own fault: set it aside
                if len(group) == 1:
                    await self._set_aside(group, error)
                else:
                    await self._find_and_set_aside(group, error)

    async def _find_and_set_aside(self, group: Sequence[ReceivedRecord], error: Exception) -> None:
        """Find the record that fails; what stands before it is applied, it and the rest parked."""
        for position, record in enumerate(group):
            try:
                alone = partial(self._applier.apply, [record])
                self._breaker.succeeded(await self._persist(alone))
            except _Stopped:
                raise
            except Exception as failure:  # found it
                await self._set_aside(group[position:], failure)
                return
        log.info("key recovered on its own", error=repr(error))

    async def _set_aside(self, records: Sequence[ReceivedRecord], error: Exception) -> None:
        """Park a key from its failing record on. Raises SystemicFailure when too many fail."""
        self._breaker.failed(error)
        log.error("key parked", topic=records[0].topic, key=records[0].key, error=repr(error))
        await self._persist(partial(self._applier.park, records, error))

    async def _persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """Try until it works or fails for good; transient errors are tried without limit, in order.

        Raises the error when it is permanent, or unknown and seen three times.
        """
        delay, unknown = _FIRST_RETRY_SECONDS, 0
        while True:
            try:
                return await work()
            except TRANSIENT as error:
                log.warning("transient; trying again", error=repr(error), seconds=delay)
            except PERMANENT:
                raise
            except Exception as error:
                unknown += 1
                if unknown >= _UNKNOWN_ERROR_TRIES:
                    raise
                log.warning("unknown error; trying again", error=repr(error))
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LAST_RETRY_SECONDS)
            if self._stopping or self._revoking:
                raise _Stopped

    async def _commit_applied(self) -> None:
        """Commit the offsets of what is applied, once a second and before partitions go.

        Offsets only save repeated work; the inbox is the truth, so a failure is no fault. While the
        partitions stay, they are kept for the next time: one that falls silent would lag for ever.
        """
        epoch, stable = self._epoch, not self._revoking
        self._committed_at = time.monotonic()
        applied, self._applied = self._applied, {}
        if not applied:
            return
        try:
            crash_point("consumer_before_offsets")
            await self._consumer.commit(applied)
            crash_point("consumer_after_offsets")
        except Exception as error:
            log.warning("offsets not committed", group=self._spec.group, error=repr(error))
            if stable and epoch == self._epoch:
                self._applied = applied | self._applied

    def _notice_gaps(self, polled: Mapping[TopicPartition, Sequence[ReceivedRecord]]) -> None:
        for partition, records in polled.items():
            expected = self._expected.get(partition)
            # Compaction leaves holes; only a jump backwards or a reset is worth a look.
            if expected is not None and records[0].offset < expected:
                CONSUMER_GAPS.inc()
                log.warning("offsets went back", partition=partition, expected=expected)
            self._expected[partition] = records[-1].offset + 1


def _by_key(records: Iterable[ReceivedRecord]) -> list[list[ReceivedRecord]]:
    groups: dict[Key, list[ReceivedRecord]] = {}
    for record in records:
        groups.setdefault(key_of(record), []).append(record)
    return list(groups.values())
