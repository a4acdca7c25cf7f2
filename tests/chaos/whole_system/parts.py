"""The parts of a system that can fail by themselves: processes of services, Kafka, PostgreSQL."""

import asyncio
import contextlib
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.kafka import KafkaServer
from dualbus_cli.embedded.postgres import PostgresServer

_STOP_SECONDS: Final = 15.0


class Part(ABC):
    """Something that is killed, frozen or restarted as a whole."""

    name: str
    meant_down = False
    """Whoever looks after the parts leaves this one alone."""

    @abstractmethod
    def daemon(self) -> Daemon | None:
        """Its main process, None when there is none."""

    @abstractmethod
    def start(self) -> None:
        """Start it again, as it was; blocks for as long as that takes."""

    def alive(self) -> bool:
        daemon = self.daemon()
        return daemon is not None and daemon.alive()

    def kill(self) -> None:
        """kill -9 of everything it consists of."""
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """SIGTERM, as an operator does it; killed when it takes too long."""
        if (daemon := self.daemon()) is not None:
            daemon.stop(timeout=_STOP_SECONDS)

    def _signal(self, how: signal.Signals) -> None:
        # The main process first: frozen, it makes no more children.
        daemon = self.daemon()
        if daemon is None or not daemon.alive():
            return
        main = psutil.Process(daemon.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            children = main.children(recursive=True)
            main.send_signal(how)
            for child in {*children, *main.children(recursive=True)}:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.send_signal(how)


@dataclass(kw_only=True)
class ServicePart(Part):
    """One process of a service with one of its roles."""

    name: str
    argv: list[str]
    settings: Mapping[str, str]
    folder: Path
    log: Path
    running: Daemon | None = None

    def daemon(self) -> Daemon | None:
        return self.running

    def start(self) -> None:
        self.running = Daemon.spawn(
            self.argv, log=self.log, env={**os.environ, **self.settings}, cwd=self.folder
        )


@dataclass(kw_only=True)
class ServerPart(Part):
    """Kafka or PostgreSQL with all its processes."""

    name: str
    server: KafkaServer | PostgresServer

    def daemon(self) -> Daemon | None:
        return self.server.daemon()

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


async def keep_alive(
    parts: list[Part], *, ended: Callable[[str], None], every: float = 0.5
) -> None:
    """Start parts that ended by themselves, as any supervisor does; runs until it is cancelled."""
    while True:
        await asyncio.sleep(every)
        for part in parts:
            if not part.meant_down and not part.alive():
                ended(part.name)
                await asyncio.to_thread(part.start)
