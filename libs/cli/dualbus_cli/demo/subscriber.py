"""Runs the outside subscriber (deploy/demo/subscriber.py) in a process of its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dualbus_cli.places import REPOSITORY

_PROGRAM: Final = REPOSITORY / "deploy" / "demo" / "subscriber.py"
_READY_SECONDS: Final = 60
_END_SECONDS: Final = 120


class SubscriberFailed(RuntimeError):
    """The outside subscriber ended by itself or never got ready."""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event as the subscriber saw it, in the order in which it did."""

    topic: str
    key: str
    version: int
    event_id: str
    event_type: str
    customer_id: str | None


class Subscriber:
    """A running subscriber. It writes to `file` what it sees."""

    def __init__(self, process: asyncio.subprocess.Process, file: Path) -> None:
        self._process = process
        self._file = file

    async def ready(self) -> None:
        """Return once it can't miss anything any more. Raises SubscriberFailed."""
        if self._process.stdout is None:
            raise SubscriberFailed("The outside subscriber has no output")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), _READY_SECONDS)
        except TimeoutError as error:
            raise SubscriberFailed("The outside subscriber did not get ready") from error
        if line.strip() != b"ready":
            raise SubscriberFailed(f"The outside subscriber did not start: {line.decode()}")

    async def finish(self) -> list[SeenEvent]:
        """Let it read to the end of the topics; everything it saw. Raises SubscriberFailed."""
        try:
            await asyncio.wait_for(self._process.communicate(b""), _END_SECONDS)
        except TimeoutError as error:
            raise SubscriberFailed("The outside subscriber did not reach the end") from error
        if self._process.returncode != 0:
            raise SubscriberFailed(f"The outside subscriber exited {self._process.returncode}")
        with self._file.open() as lines:
            return [SeenEvent(*json.loads(line)) for line in lines]


@asynccontextmanager
async def running_subscriber(bootstrap: str, file: Path) -> AsyncIterator[Subscriber]:
    """The subscriber in its own process; it is gone when the context ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_PROGRAM),
        bootstrap,
        str(file),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    subscriber = Subscriber(process, file)
    try:
        await subscriber.ready()
        yield subscriber
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
