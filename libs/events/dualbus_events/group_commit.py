"""Group commit: concurrent requests share a transaction, and each is answered after its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from dualbus_kit.causation import Cause, caused_by, current_cause

from dualbus_events.unit_of_work import Database, UnitOfWork

Q = TypeVar("Q")
R = TypeVar("R")

MAX_GROUP = 100


class GroupCommit(Generic[Q, R]):
    """Runs a use case that takes lists: what gathered while the last group was stored goes next.

    One request's failure is its own: when a group fails, its requests are run one by one.
    """

    def __init__(
        self,
        database: Database,
        use_case: Callable[[Sequence[tuple[Q, Cause]], UnitOfWork], Awaitable[Sequence[R]]],
        *,
        committers: int = 2,
    ) -> None:
        self._database = database
        self._use_case = use_case
        self._waiting: list[tuple[Q, Cause, asyncio.Future[R]]] = []
        self._free = committers

    async def submit(self, request: Q) -> R:
        """Run the use case for this request; returns after the commit, raises what it raised."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, current_cause(), future))
        if self._free:
            self._free -= 1
            committer = asyncio.create_task(self._commit_waiting())
            _running.add(committer)
            committer.add_done_callback(_running.discard)
        return await future

    async def _commit_waiting(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
                await self._commit(group)
        finally:
            self._free += 1

    async def _commit(self, group: Sequence[tuple[Q, Cause, asyncio.Future[R]]]) -> None:
        try:
            results = await self._store([(request, cause) for request, cause, _ in group])
        except Exception as error:
            if len(group) == 1:
                _fail(group[0][2], error)
                return
            for one in group:
                await self._commit([one])
            return
        for (_, _, future), result in zip(group, results, strict=True):
            if not future.done():
                future.set_result(result)

    async def _store(self, requests: Sequence[tuple[Q, Cause]]) -> Sequence[R]:
        with caused_by(requests[0][1]):
            async with self._database.unit_of_work() as uow:
                return await self._use_case(requests, uow)


_running: set[asyncio.Task[None]] = set()


def _fail(future: "asyncio.Future[R]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
