"""Bring the whole system up, in the order things need each other, and down again."""

import asyncio
import shutil
from collections.abc import Collection

from dualbus_cli.databases import create_databases
from dualbus_cli.embedded import EmbeddedServers
from dualbus_cli.embedded.locking import exclusive
from dualbus_cli.migration import migrate, schema_version
from dualbus_cli.places import Places
from dualbus_cli.processes import Launch, ensure_running, plan_launches, stop_processes
from dualbus_cli.programs import existing_programs
from dualbus_cli.progress import Board
from dualbus_cli.stack import Stack
from dualbus_cli.stack_state import StackState


def start_system(
    places: Places,
    *,
    board: Board,
    replicas: int | None = None,
    only: Collection[str] | None = None,
) -> Stack:
    """Start whatever is down and wait until all is ready; harmless when all is up.

    `replicas` processes of every service; None keeps the number that runs. `only` names the
    programs to start beside the servers; others are left as they are. Raises
    EmbeddedServerUnavailable, MigrationFailed or ProcessFailed, and leaves running what runs.
    """
    with exclusive(places.lock):
        asyncio.run(_start(places, board, replicas, only))
    return Stack.load(places)


def stop_system(places: Places, *, board: Board) -> list[str]:
    """Stop services, outside programs, then the servers; names of the processes that ran."""
    with exclusive(places.lock):
        state = StackState.load(places)
        with board.step("Services") as step:
            stopped = stop_processes(state, places, chosen=lambda _process: True)
            step.note = f"{len(stopped)} stopped"
        with board.step("Servers") as step:
            EmbeddedServers(places.servers, usual_ports=places.usual_ports).stop()
            step.note = "stopped"
        state.replicas = 1
        state.save(places)
        return stopped


def stop_program(places: Places, program: str) -> list[str]:
    """Stop all processes of one program, or `kafka` or `postgres`; the names of those that ran."""
    with exclusive(places.lock):
        servers = EmbeddedServers(places.servers, usual_ports=places.usual_ports).by_name()
        if program in servers:
            ran = servers[program].daemon() is not None
            servers[program].stop()
            return [program] if ran else []
        state = StackState.load(places)
        return stop_processes(state, places, chosen=lambda process: process.program == program)


def reset_system(places: Places, *, board: Board) -> None:
    """Stop everything and forget all data, passwords, ports and logs."""
    stop_system(places, board=board)
    with exclusive(places.lock):
        shutil.rmtree(places.servers, ignore_errors=True)
        shutil.rmtree(places.logs, ignore_errors=True)
        places.stack.unlink(missing_ok=True)


async def _start(
    places: Places, board: Board, replicas: int | None, only: Collection[str] | None
) -> None:
    state = StackState.load(places)
    if replicas is not None:
        state.replicas = replicas
    servers = EmbeddedServers(places.servers, usual_ports=places.usual_ports)
    async with asyncio.TaskGroup() as group:
        group.create_task(_start_kafka(servers, state, board))
        group.create_task(_start_postgres(servers, state, board))
    launches = plan_launches(state, existing_programs(), usual_ports=places.usual_ports)
    state.save(places)
    await _stop_surplus(launches, state, places)
    launches = [launch for launch in launches if only is None or launch.program.name in only]
    async with asyncio.TaskGroup() as group:
        group.create_task(_create_topics(state, board))
        group.create_task(_prepare_databases(launches, state, places, board))
    async with asyncio.TaskGroup() as group:
        for launch in launches:
            group.create_task(_ensure(launch, state, places, board))


async def _start_postgres(servers: EmbeddedServers, state: StackState, board: Board) -> None:
    with board.step("PostgreSQL") as step:
        state.dsn = await asyncio.to_thread(servers.start_postgres)
        step.note = state.dsn.rpartition("@")[2].partition("/")[0]


async def _start_kafka(servers: EmbeddedServers, state: StackState, board: Board) -> None:
    with board.step("Kafka") as step:
        state.bootstrap = await asyncio.to_thread(servers.start_kafka)
        step.note = state.bootstrap


async def _create_topics(state: StackState, board: Board) -> None:
    # Imported here: the catalogue loads every model of the contract, which status can do without.
    from dualbus_cli.topics import create_topics

    with board.step("Topics") as step:
        created = await create_topics(state.bootstrap or "")
        step.note = f"{created} created" if created else "all there"


async def _prepare_databases(
    launches: list[Launch], state: StackState, places: Places, board: Board
) -> None:
    services = [one for one in launches if one.program.is_service and one.replica == 0]
    passwords = {one.program.database: state.password(one.program.database) for one in services}
    state.save(places)
    with board.step("Databases") as step:
        created = await create_databases(state.dsn or "", passwords)
        step.note = f"{len(created)} created" if created else "all there"
    due = [
        one
        for one in services
        if one.program.database in created
        or state.migrated.get(one.program.name) != schema_version(one.program)
    ]
    with board.step("Migrations") as step:
        async with asyncio.TaskGroup() as group:
            for one in due:
                group.create_task(_migrate(one, state, places))
        state.save(places)
        step.note = ", ".join(one.program.name for one in due) or "nothing new"


async def _migrate(launch: Launch, state: StackState, places: Places) -> None:
    # Read before: a file that changes meanwhile is found changed at the next start.
    version = schema_version(launch.program)
    log = places.log_of(f"{launch.program.name}.migrate")
    await asyncio.to_thread(migrate, launch.program, launch.settings, log=log)
    state.migrated[launch.program.name] = version


async def _ensure(launch: Launch, state: StackState, places: Places, board: Board) -> None:
    with board.step(launch.name) as step:
        started = await ensure_running(launch, state=state, places=places)
        step.note = f"{'ready' if started else 'ran already'} on port {launch.port}"


async def _stop_surplus(launches: list[Launch], state: StackState, places: Places) -> None:
    wanted = {launch.name for launch in launches}
    await asyncio.to_thread(
        stop_processes, state, places, chosen=lambda process: process.name not in wanted
    )
