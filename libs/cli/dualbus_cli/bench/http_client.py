"""The least of an HTTP/1.1 client: the load must not eat the processors it is to measure."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from dualbus_cli.bench.errors import BenchFailed

# The services close connections that have been idle for five seconds.
_FRESH_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`head` is the status line and the header fields, in lower case."""

    status: int
    body: bytes
    head: bytes = b""

    def header(self, name: str) -> str | None:
        """A header field by its name in lower case; None when it was not sent."""
        start = f"\r\n{name}:".encode()
        _, found, rest = self.head.partition(start)
        return rest.partition(b"\r\n")[0].strip().decode() if found else None


class _Connection(asyncio.Protocol):
    """One request at a time; answers must have a Content-Length."""

    def __init__(self) -> None:
        self.used_at = time.monotonic()
        self._received = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.WriteTransport | None = None

    @property
    def fresh(self) -> bool:
        alive = self._transport is not None and not self._transport.is_closing()
        return alive and time.monotonic() - self.used_at < _FRESH_SECONDS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("closed before the answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._waiting is None or self._waiting.done():
            return
        answer = Answer(int(head.split(b" ", 2)[1]), bytes(body), bytes(head).lower())
        length = answer.header("content-length")
        if length is None:
            self.close()
        elif len(body) >= int(length):
            self._received.clear()
            self._waiting.set_result(answer)

    async def send(self, request: bytes) -> Answer:
        self._waiting = asyncio.get_running_loop().create_future()
        if self._transport is None:
            raise ConnectionError("not connected")
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            self._waiting = None
            self.used_at = time.monotonic()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class HttpClient:
    """Sends and reads JSON of one service over connections that are kept."""

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        self._host, self._port = address.hostname or "", address.port or 80
        self._idle: list[_Connection] = []

    async def post(self, path: str, body: bytes, *, idempotency_key: str) -> Answer:
        """Send, and wait for the answer. Raises BenchFailed when the service hangs up."""
        request = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Idempotency-Key: {idempotency_key}\r\n\r\n"
        ).encode() + body
        return await self._send(request, f"POST {path}")

    async def get(self, path: str) -> Answer:
        """Read. Raises BenchFailed when the service hangs up."""
        request = f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode()
        return await self._send(request, f"GET {path}")

    async def _send(self, request: bytes, what: str) -> Answer:
        connection = await self._connection()
        try:
            answer = await connection.send(request)
        except OSError as error:
            raise BenchFailed(f"{what}: {error}") from error
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.fresh:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection
