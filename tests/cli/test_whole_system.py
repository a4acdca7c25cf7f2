"""`dualbus start` and `stop` of the whole system, in a state directory of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.programs import existing_programs

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


class Command:
    """The `dualbus` command on a system of its own."""

    def __init__(self, state: Path) -> None:
        self._environment = {**os.environ, "DUALBUS_STATE_DIR": str(state)}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "dualbus_cli", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self._environment,
        )

    def start(self, *arguments: str) -> None:
        done = self.run("start", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def pids(self) -> dict[str, int]:
        shown = json.loads(self.run("status", "--json").stdout)
        return {row["name"]: row["pid"] for row in shown["processes"] if row["pid"]}


@pytest.fixture(scope="module")
def dualbus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    command = Command(tmp_path_factory.mktemp("state"))
    yield command
    command.run("stop")


def everything() -> set[str]:
    return {"postgres", "kafka", *(program.name for program in existing_programs())}


def test_start_brings_everything_up(dualbus: Command) -> None:
    dualbus.start()

    assert set(dualbus.pids()) == everything()
    assert dualbus.run("status").returncode == 0


def test_a_second_start_leaves_everything_as_it_is(dualbus: Command) -> None:
    dualbus.start()
    before = dualbus.pids()

    dualbus.start()

    assert dualbus.pids() == before


def test_start_brings_back_only_what_is_down(dualbus: Command) -> None:
    dualbus.start()
    before = dualbus.pids()
    os.kill(before["network_element"], signal.SIGKILL)

    dualbus.start()

    after = dualbus.pids()
    assert {name for name in after if after[name] != before[name]} == {"network_element"}


def test_start_recovers_from_a_kill_of_everything(dualbus: Command) -> None:
    dualbus.start()
    for pid in dualbus.pids().values():
        os.kill(pid, signal.SIGKILL)

    dualbus.start()

    assert set(dualbus.pids()) == everything()


def test_restart_replaces_the_processes_of_one_program(dualbus: Command) -> None:
    dualbus.start()
    before = dualbus.pids()

    dualbus.run("restart", "vas_platform")

    after = dualbus.pids()
    assert {name for name in after if after[name] != before[name]} == {"vas_platform"}


def test_kafka_comes_back_alone_at_its_old_address(dualbus: Command) -> None:
    dualbus.start()
    before = dualbus.pids()
    dualbus.run("stop", "kafka")

    dualbus.start()

    after = dualbus.pids()
    assert {name for name in after if after[name] != before[name]} == {"kafka"}


def test_two_processes_of_every_service_run_when_asked_for(dualbus: Command) -> None:
    dualbus.start("--replicas", "2")

    services = {program.name for program in existing_programs() if program.is_service}
    assert everything() | {f"{name}-2" for name in services} == set(dualbus.pids())


def test_stop_leaves_no_process_behind(dualbus: Command) -> None:
    dualbus.start()
    # A zombie that waits for an init to take notice of it doesn't count as alive.
    processes = [
        Daemon.of(process.pid)
        for pid in dualbus.pids().values()
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    ]

    dualbus.run("stop")

    assert [process for process in processes if process.alive()] == []
    assert dualbus.run("status").returncode == 1
