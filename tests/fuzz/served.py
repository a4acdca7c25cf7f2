"""A service on a port of its own, in a thread, for clients that bring no event loop."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from dualbus_events.service import ServiceSpec, process_of
from dualbus_kit.service import create_app

from tests.harness import drop_database, fresh_database

_SECONDS = 60


@contextmanager
def served(spec: ServiceSpec, server_dsn: str) -> Iterator[str]:
    """The base URL of the service's API, on a fresh database."""
    dsn = asyncio.run(fresh_database(server_dsn, spec))
    settings = spec.settings(
        database_url=dsn,
        port=80,
        base_url="http://test",
        roles=frozenset(("api",)),
        KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1",
    )
    config = uvicorn.Config(
        create_app(process_of(spec, settings)), port=0, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name=f"{spec.name}-svc")
    thread.start()
    try:
        yield f"http://127.0.0.1:{_port_of(server)}"
    finally:
        server.should_exit = True
        thread.join()
        asyncio.run(drop_database(server_dsn, dsn))


def _port_of(server: uvicorn.Server) -> int:
    end = time.monotonic() + _SECONDS
    while not server.started:
        if time.monotonic() > end:
            raise TimeoutError(f"not served within {_SECONDS} s")
        time.sleep(0.01)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port
