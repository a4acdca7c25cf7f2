"""A system whose services run their roles apart, so that each of them can fail by itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dualbus_cli.embedded import EmbeddedServers
from dualbus_cli.embedded.ports import free_port
from dualbus_cli.processes import Launch, plan_launches
from dualbus_cli.programs import PROGRAMS, SERVICES
from dualbus_cli.stack_state import StackState

from tests.chaos.whole_system.parts import Part, ServerPart, ServicePart, keep_alive
from tests.e2e.running_system import RunningSystem

_WORKERS: Final = ("relay", "consumer")


@dataclass(frozen=True)
class SplitSystem:
    """The `dualbus` command runs the APIs, the test itself relays and consumers beside them."""

    running: RunningSystem
    parts: Sequence[Part]

    @contextlib.asynccontextmanager
    async def looked_after(self, tell: Callable[..., Any]) -> AsyncIterator[None]:
        """While in the context, what ends by itself is started again."""

        def ended(part: str) -> None:
            tell("ended by itself", part=part)

        keeper = asyncio.create_task(keep_alive(list(self.parts), ended=ended))
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper


@contextlib.contextmanager
def split_system(state: Path) -> Iterator[SplitSystem]:
    """Start everything on a state directory of its own; nothing runs any more afterwards."""
    roles = {service.variable("ROLES"): "api" for service in SERVICES}
    running = RunningSystem(state, **roles)
    parts: list[Part] = []
    try:
        running.dualbus("start")
        parts += _service_parts(running)
        running.dualbus("catalogue", "load")
        yield SplitSystem(running, parts)
    finally:
        for part in parts:
            if isinstance(part, ServicePart):
                part.kill()
        running.dualbus("stop")


def _service_parts(running: RunningSystem) -> list[Part]:
    places = running.places
    state = StackState.load(places)
    servers = EmbeddedServers(places.servers, usual_ports=False).by_name()
    parts: list[Part] = [ServerPart(name=name, server=server) for name, server in servers.items()]
    taken = set(state.ports.values())
    for launch in plan_launches(state, PROGRAMS, usual_ports=False):
        if not launch.program.is_service:
            continue
        api = _part(running, launch, "api", port=launch.port)
        api.running = state.processes[launch.name].daemon
        parts.append(api)
        for role in _WORKERS:
            taken.add(port := free_port(taken=taken))
            worker = _part(running, launch, role, port=port)
            worker.start()
            parts.append(worker)
    return parts


def _part(running: RunningSystem, launch: Launch, role: str, *, port: int) -> ServicePart:
    name = f"{launch.program.name}-{role}"
    settings = {
        **launch.settings,
        launch.program.variable("ROLES"): role,
        launch.program.variable("PORT"): str(port),
    }
    return ServicePart(
        name=name,
        argv=launch.argv,
        settings=settings,
        folder=launch.program.folder,
        log=running.places.log_of(name),
    )
