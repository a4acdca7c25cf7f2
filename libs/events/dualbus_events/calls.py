"""Calls to outside systems: durable, made outside of any transaction, in order per key.

A handler writes the call in its transaction. The runner claims due calls, makes them, and hands
the answers to a handler in a second transaction. A crash between the two makes the call again:
the outside system must recognise `call_id`.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import structlog
from dualbus_kit.causation import Cause, current_cause
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS
from dualbus_kit.errors import Superseded

from dualbus_events.metrics import CALLS
from dualbus_events.spans import CallSpans
from dualbus_events.unit_of_work import Database, UnitOfWork

log = structlog.get_logger(__name__)

_LEASE_SECONDS = 60.0
_BATCH = 200
_IN_FLIGHT = 8
_IDLE_SECONDS = 0.2
_FIRST_RETRY_SECONDS = 0.25
_LAST_RETRY_SECONDS = 30.0

_WRITE = """
INSERT INTO outbound_call (kind, key, call_id, request, correlation_id, causation_id, traceparent)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[],
                     $7::text[])
"""
# Only the first call of a key may be under way, so that an undo never overtakes its do.
_CLAIM = """
UPDATE outbound_call c SET attempts = attempts + 1, due_at = now() + make_interval(secs => $3)
WHERE seq IN (
  SELECT seq FROM outbound_call d WHERE kind = $1 AND due_at <= now()
    AND NOT EXISTS (SELECT FROM outbound_call e
                    WHERE e.kind = d.kind AND e.key = d.key AND e.seq < d.seq)
  ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING seq, key, call_id, request, attempts, correlation_id, causation_id, traceparent
"""
_FINISH = """
DELETE FROM outbound_call c USING unnest($1::bigint[], $2::int[]) f(seq, attempts)
WHERE c.seq = f.seq AND c.attempts = f.attempts RETURNING c.seq
"""
_AGAIN = """
UPDATE outbound_call c SET due_at = now() + make_interval(secs => a.seconds)
FROM unnest($1::bigint[], $2::int[], $3::float8[]) a(seq, attempts, seconds)
WHERE c.seq = a.seq AND c.attempts = a.attempts
"""


@dataclass(frozen=True)
class NewCall:
    """A call to make after the commit. Calls of one key are made one after the other.

    It carries the cause in force where it is built: build it inside `with caused_by(task.cause)`.
    """

    kind: str
    key: str
    call_id: str
    request: Mapping[str, Any]
    cause: Cause = field(default_factory=current_cause)


@dataclass(frozen=True)
class Call:
    """A claimed call; `attempts` counts this one."""

    seq: int
    key: str
    call_id: str
    request: Mapping[str, Any]
    attempts: int
    cause: Cause


@dataclass(frozen=True)
class Answer:
    """What came of a call. `again` asks for another try after a growing pause."""

    body: Mapping[str, Any]
    again: bool = False


Perform = Callable[[Sequence[Call]], Awaitable[Sequence[Answer]]]
Complete = Callable[[Sequence[tuple[Call, Answer]], UnitOfWork], Awaitable[None]]


async def write_calls(uow: UnitOfWork, calls: Sequence[NewCall]) -> None:
    """Have calls made after this transaction's commit."""
    await uow.connection.execute(
        _WRITE,
        [call.kind for call in calls],
        [call.key for call in calls],
        [call.call_id for call in calls],
        [orjson.dumps(call.request) for call in calls],
        [call.cause.correlation_id for call in calls],
        [call.cause.causation_id for call in calls],
        [call.cause.traceparent for call in calls],
    )
    for kind in {call.kind for call in calls}:
        uow.signal(_signal(kind))


async def withdraw_calls(uow: UnitOfWork, kind: str, keys: Sequence[str]) -> set[str]:
    """Drop calls that nobody made yet; one under way keeps its row and its answer.

    The call ids of those that were dropped.
    """
    rows = await uow.connection.fetch(
        "DELETE FROM outbound_call WHERE kind = $1 AND key = ANY($2) AND attempts = 0 "
        "RETURNING call_id",
        kind,
        list(keys),
    )
    return {row["call_id"] for row in rows}


def _signal(kind: str) -> str:
    return f"call {kind}"


class CallRunner:
    """Makes the calls of one kind: `perform` asks the outside system, `complete` applies answers.

    `perform` answers in the order of the calls and never raises for one call's sake. `complete`
    gets final answers only, in a transaction of its own.
    """

    def __init__(
        self, database: Database, *, kind: str, perform: Perform, complete: Complete
    ) -> None:
        self._database = database
        self._kind = kind
        self._perform = perform
        self._complete = complete
        self._wake = asyncio.Event()
        self._stopping = False
        self._under_way: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._database.listen(_signal(self._kind), self._wake.set)
        self._task = asyncio.create_task(self._run(), name=f"calls {self._kind}")

    async def stop(self) -> None:
        """Claim no more; calls under way are finished."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=8)

    async def alive(self) -> str | None:
        """Health: None while the loop runs."""
        return "calls have stopped" if self._task is None or self._task.done() else None

    async def _run(self) -> None:
        while not self._stopping:
            try:
                calls = await self._claim() if len(self._under_way) < _IN_FLIGHT else []
            except TRANSIENT_DATABASE_ERRORS as error:
                log.warning("calls wait for the database", kind=self._kind, error=repr(error))
                calls = []
            except Exception:  # a loop that ended would leave every call unmade
                log.exception("calls not claimed; trying again", kind=self._kind)
                calls = []
            if calls:
                task = asyncio.create_task(self._make(calls))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                task.add_done_callback(lambda _: self._wake.set())
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _IDLE_SECONDS)
            self._wake.clear()

    async def _claim(self) -> list[Call]:
        async with self._database.pool.acquire() as connection:
            rows = await connection.fetch(_CLAIM, self._kind, _BATCH, _LEASE_SECONDS)
        return [
            Call(
                seq=row["seq"],
                key=row["key"],
                call_id=row["call_id"],
                request=orjson.loads(row["request"]),
                attempts=row["attempts"],
                cause=Cause(row["correlation_id"], row["causation_id"], row["traceparent"]),
            )
            for row in sorted(rows, key=lambda row: row["seq"])
        ]

    async def _make(self, claimed: Sequence[Call]) -> None:
        try:
            with CallSpans(self._kind) as spans:
                calls = [self._traced(call, spans) for call in claimed]
                answers = await self._perform(calls)
            answered = list(zip(calls, answers, strict=True))
            await self._settle(answered)
        except Exception:  # the lease ends and the calls are made again
            log.exception("calls not settled", kind=self._kind, calls=len(claimed))

    def _traced(self, call: Call, spans: CallSpans) -> Call:
        return replace(call, cause=spans.begin(call.cause, call.call_id, call.attempts))

    async def _settle(self, answered: Sequence[tuple[Call, Answer]]) -> None:
        final = [(call, answer) for call, answer in answered if not answer.again]
        again = [call for call, answer in answered if answer.again]
        CALLS.labels(self._kind, "answered").inc(len(final))
        CALLS.labels(self._kind, "again").inc(len(again))
        while final or again:
            try:
                await self._store(final, again)
            except (*TRANSIENT_DATABASE_ERRORS, Superseded) as error:
                log.warning("answers wait for the database", kind=self._kind, error=repr(error))
                await asyncio.sleep(_FIRST_RETRY_SECONDS)
            else:
                return

    async def _store(self, final: Sequence[tuple[Call, Answer]], again: Sequence[Call]) -> None:
        async with self._database.unit_of_work() as uow:
            if again:
                await uow.connection.execute(
                    _AGAIN,
                    [call.seq for call in again],
                    [call.attempts for call in again],
                    [_pause(call.attempts) for call in again],
                )
            if final:
                rows = await uow.connection.fetch(
                    _FINISH, [call.seq for call, _ in final], [call.attempts for call, _ in final]
                )
                # One whose lease ended meanwhile belongs to someone else now.
                ours = {row["seq"] for row in rows}
                await self._complete([(c, a) for c, a in final if c.seq in ours], uow)


def _pause(attempts: int) -> float:
    return min(_FIRST_RETRY_SECONDS * 2.0 ** (attempts - 1), _LAST_RETRY_SECONDS)
