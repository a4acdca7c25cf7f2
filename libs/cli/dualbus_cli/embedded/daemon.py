"""Detached processes that are known by pid and start time, so a re-used pid is never touched."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import psutil

from dualbus_cli.embedded.account import Account

_POLL_SECONDS: Final = 0.02
# The kernel gives start times in clock ticks since boot; the boot time moves when the clock is set.
_SAME_START_SECONDS: Final = 2.0

# Children of this very process have to be reaped by it, or they would stay as zombies.
_children: Final[dict[int, subprocess.Popen[bytes]]] = {}


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process that outlives the command that started it."""

    pid: int
    started: float

    @classmethod
    def spawn(
        cls,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: Account | None = None,
    ) -> Self:
        """Start `argv` in a session of its own, its output appended to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        runner = account or Account()
        with log.open("ab") as output:
            child = subprocess.Popen(
                [*runner.prefix, *argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=env,
                cwd=cwd,
                user=runner.uid,
                group=runner.gid,
                extra_groups=runner.extra_groups,
            )
        _children[child.pid] = child
        return cls.of(child.pid)

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has `pid` now; one that is not alive if there is none."""
        try:
            return cls(pid=pid, started=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return cls(pid=pid, started=0)

    def alive(self) -> bool:
        child = _children.get(self.pid)
        if child is not None:
            return child.poll() is None
        try:
            found = psutil.Process(self.pid)
            return (
                abs(found.create_time() - self.started) < _SAME_START_SECONDS
                and found.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False

    def ask_to_stop(self, *, how: signal.Signals = signal.SIGTERM) -> None:
        """Send `how` and return at once; nothing happens when the process is gone."""
        if self.alive():
            psutil.Process(self.pid).send_signal(how)

    def wait_gone(self, *, timeout: float) -> bool:
        """True when the process ended within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def stop(self, *, how: signal.Signals = signal.SIGTERM, timeout: float = 10) -> None:
        """Send `how`, wait up to `timeout` seconds, then SIGKILL; returns when it is gone."""
        self.ask_to_stop(how=how)
        if not self.wait_gone(timeout=timeout):
            self.ask_to_stop(how=signal.SIGKILL)
            self.wait_gone(timeout=5)
