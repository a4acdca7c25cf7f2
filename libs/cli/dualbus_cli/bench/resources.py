"""Processor time and memory of the processes of the system."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from dualbus_cli.embedded import EmbeddedServers
from dualbus_cli.places import Places
from dualbus_cli.programs import existing_programs
from dualbus_cli.stack import Stack

Groups = Mapping[str, list[int]]
"""Process ids by program; `postgres` with all its backends, `bench` this process."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds so far and resident megabytes, by program."""

    cpu_s: Mapping[str, float]
    memory_mb: Mapping[str, float]

    def cpu_since(self, before: "Usage") -> dict[str, float]:
        return {name: cpu - before.cpu_s.get(name, 0.0) for name, cpu in self.cpu_s.items()}


def usage_of(groups: Groups) -> Usage:
    """What the processes have used until now; ended ones count as far as their parent knows."""
    cpu: dict[str, float] = {}
    memory: dict[str, float] = {}
    for name, pids in groups.items():
        samples = [sample for pid in pids if (sample := _sample(pid)) is not None]
        cpu[name] = sum(sample[0] for sample in samples)
        memory[name] = round(sum(sample[1] for sample in samples) / 1e6, 1)
    return Usage(cpu, memory)


def groups_of(stack: Stack, places: Places) -> dict[str, list[int]]:
    """Programs that run here; servers that the environment names are not seen."""
    groups = {program.name: stack.pids(program.name) for program in existing_programs()}
    servers = EmbeddedServers(places.servers).by_name()
    for name, server in servers.items():
        daemon = server.daemon()
        if daemon is not None:
            children = psutil.Process(daemon.pid).children(recursive=True)
            groups[name] = [daemon.pid, *(child.pid for child in children)]
    groups["bench"] = [os.getpid()]
    return groups


def _sample(pid: int) -> tuple[float, float] | None:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            ended = times.children_user + times.children_system
            return times.user + times.system + ended, _memory(process)
    except psutil.NoSuchProcess:
        return None


def _memory(process: psutil.Process) -> float:
    """Bytes of its own: PostgreSQL's backends all have the same shared buffers mapped."""
    info = process.memory_info()
    return float(info.rss - info.shared) if process.name() == "postgres" else float(info.rss)
