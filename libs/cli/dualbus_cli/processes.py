"""Start and stop the processes of programs, and remember them."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import httpx

from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.ports import HOST, free_port
from dualbus_cli.environment import fingerprint, settings_of
from dualbus_cli.health import ask
from dualbus_cli.places import Places
from dualbus_cli.programs import PROGRAMS, Program
from dualbus_cli.stack_state import RunningProcess, StackState, process_name

_READY_SECONDS = 90
STOP_SECONDS = 10.0


class ProcessFailed(RuntimeError):
    """A process ended, or was not ready in time; the message ends with its last log lines."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A process that is to run: of which program, where, and told what."""

    program: Program
    replica: int
    port: int
    settings: Mapping[str, str]
    argv: list[str]

    @property
    def name(self) -> str:
        return process_name(self.program.name, self.replica)


def plan_launches(
    state: StackState, programs: Iterable[Program], *, usual_ports: bool = True
) -> list[Launch]:
    """Every process that should run, each with a port that is its own and free.

    `state` has the addresses of both servers; ports found are remembered in it.
    """
    wanted = [
        (program, replica)
        for program in programs
        for replica in range(state.replicas if program.is_service else 1)
    ]
    for program, replica in wanted:
        _choose_port(state, program, replica, usual_ports=usual_ports)
    urls = {p.name: f"http://{HOST}:{state.ports[p.name]}" for p, replica in wanted if not replica}
    return [_launch(state, program, replica, urls) for program, replica in wanted]


def _choose_port(state: StackState, program: Program, replica: int, *, usual_ports: bool) -> None:
    name = process_name(program.name, replica)
    running = state.processes.get(name)
    if running is not None and running.daemon.alive():
        state.ports[name] = running.port
        return
    others = {port for other, port in state.ports.items() if other != name}
    usual = {other.port for other in PROGRAMS if other is not program}
    preferred = (state.ports.get(name), program.port + 100 * replica if usual_ports else None)
    state.ports[name] = free_port(preferred, taken=others | usual)


def _launch(state: StackState, program: Program, replica: int, urls: Mapping[str, str]) -> Launch:
    port = state.ports[process_name(program.name, replica)]
    argv = [sys.executable, "-m", program.module]
    if not program.is_service:
        return Launch(program, replica, port, {}, [*argv, "--host", HOST, "--port", str(port)])
    settings = settings_of(
        program,
        port=port,
        dsn=state.dsn or "",
        bootstrap=state.bootstrap or "",
        password=state.password(program.database),
        hub_secret=state.password("hub"),
        urls=urls,
    )
    return Launch(program, replica, port, settings, argv)


async def ensure_running(launch: Launch, *, state: StackState, places: Places) -> bool:
    """Start the process unless it runs just so already, and wait until it is ready.

    False when it ran already. Raises ProcessFailed.
    """
    mark = fingerprint(launch.settings, launch.argv)
    running = state.processes.get(launch.name)
    fresh = running is None or running.fingerprint != mark or not running.daemon.alive()
    if running is None or fresh:
        if running is not None:
            await asyncio.to_thread(running.daemon.stop, timeout=STOP_SECONDS)
        running = RunningProcess(
            program=launch.program.name,
            replica=launch.replica,
            port=launch.port,
            fingerprint=mark,
            daemon=Daemon.spawn(
                launch.argv,
                log=places.log_of(launch.name),
                env={**os.environ, "PYTHONUNBUFFERED": "1", **launch.settings},
                cwd=launch.program.folder,
            ),
        )
        state.processes[launch.name] = running
        state.save(places)
    await _wait_ready(running, places)
    return fresh


async def _wait_ready(process: RunningProcess, places: Places) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_SECONDS
    async with httpx.AsyncClient() as client:
        while (report := await ask(process, client)).state != "ready":
            if report.state == "down" or loop.time() > deadline:
                log = places.log_of(process.name)
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise ProcessFailed(f"{process.name}: {report.detail}. {log} ends with:\n{tail}")
            await asyncio.sleep(0.1)


def stop_processes(
    state: StackState, places: Places, *, chosen: Callable[[RunningProcess], bool]
) -> list[str]:
    """SIGTERM to all at once, SIGKILL after ten seconds; the names of those that ran."""
    stopping = [process for process in state.processes.values() if chosen(process)]
    ran = [process.name for process in stopping if process.daemon.alive()]
    for process in stopping:
        process.daemon.ask_to_stop()
    for process in stopping:
        if not process.daemon.wait_gone(timeout=STOP_SECONDS):
            process.daemon.stop(how=signal.SIGKILL)
        del state.processes[process.name]
    state.save(places)
    return ran
