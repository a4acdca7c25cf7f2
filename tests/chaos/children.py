"""Processes under test: started, killed, frozen and thawed, each noted in the history."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import psutil

from tests.chaos.child_program import ChildConfig
from tests.chaos.history import History, read_history
from tests.waiting import eventually

_ROOT = Path(__file__).resolve().parents[2]


class Child:
    """One child process. Its output goes to `<name>.log` beside the history."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, history: History) -> None:
        self.name = name
        self._process = process
        self._history = history

    @classmethod
    async def start(
        cls,
        config: ChildConfig,
        *,
        log: Path,
        history: History,
        environment: Mapping[str, str],
    ) -> Self:
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.chaos.child_program", config.to_json()),
                cwd=_ROOT,
                env={**os.environ, **environment},
                # Held open by this process; the child ends when it closes.
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
            )
        return cls(config.name, process, history)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def kill(self) -> None:
        """Kill -9; returns when it is dead."""
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def frozen(self, *, seconds: float = 60) -> None:
        """Wait until it has stopped itself (ChildConfig.freeze_at)."""

        async def stopped() -> bool:
            return psutil.Process(self.pid).status() == psutil.STATUS_STOPPED

        await eventually(stopped, seconds=seconds)
        self._history.note("frozen", child=self.name)

    async def begun(self, *, seconds: float = 120) -> None:
        """Wait until it is at work: interpreters start slowly on a busy machine."""

        async def noted() -> bool:
            return any(line["by"] == self.name for line in read_history(self._history.path))

        await eventually(noted, seconds=seconds)

    async def stop(self, *, seconds: float = 30) -> None:
        """SIGTERM; it must end by itself, and well. Before it has begun it would just die of it."""
        await self.begun()
        self._signal(signal.SIGTERM)
        status = await self.ended(seconds=seconds)
        assert status == 0, f"{self.name} ended with {status}"

    async def ended(self, *, seconds: float = 180) -> int:
        """Wait for its end; the exit status, negative for the signal that killed it."""
        async with asyncio.timeout(seconds):
            return await self._process.wait()

    async def crashed(self, *, seconds: float = 180) -> None:
        """Wait until it has died at its crash point."""
        status = await self.ended(seconds=seconds)
        self._history.note("crashed", child=self.name, status=status)
        assert status == -signal.SIGKILL, f"{self.name} ended with {status}"

    def _signal(self, how: signal.Signals) -> None:
        if self.running:
            self._history.note(how.name, child=self.name)
            self._process.send_signal(how)
