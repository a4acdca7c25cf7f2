"""A service at an address of its own, for clients in other processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dualbus_cli.embedded.ports import HOST, free_port
from dualbus_events.service import ServiceSpec

from tests.eai.serving import serving
from tests.harness import Harness, running


@dataclass(frozen=True)
class LiveService:
    """A harness for what tests prepare, and the URL for what clients ask."""

    harness: Harness
    url: str


@asynccontextmanager
async def live(spec: ServiceSpec, server_dsn: str) -> AsyncIterator[LiveService]:
    """The service on a fresh database; its hrefs lead to where it listens."""
    port = free_port()
    url = f"http://{HOST}:{port}"
    async with (
        running(spec, server_dsn, settings={"base_url": url}) as harness,
        serving(harness.app, port=port),
    ):
        yield LiveService(harness, url)
