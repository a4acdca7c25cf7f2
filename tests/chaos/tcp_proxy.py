"""A TCP proxy that can go silent: a partition whose packets are dropped, not refused."""

import asyncio
import contextlib
from typing import Self

HOST = "127.0.0.1"


class TcpProxy:
    """Forwards to a port of this machine. While silent, it takes bytes and passes none on.

    What it holds is passed on when it heals, as TCP does: late requests of clients that have
    long given up reach the server after all.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, HOST, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def lead_to(self, port: int) -> None:
        """Forward connections to come to another port."""
        self._to = port

    def silence(self) -> None:
        self._passing.clear()

    def heal(self) -> None:
        self._passing.set()

    async def _connected(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        try:
            server, to_server = await asyncio.open_connection(HOST, self._to)
        except OSError:
            to_client.close()
            return
        for source, sink in ((client, to_server), (server, to_client)):
            pipe = asyncio.create_task(self._pass_on(source, sink))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    await self._passing.wait()
                    sink.write(data)
                    await sink.drain()
                await self._passing.wait()
        finally:
            sink.close()
