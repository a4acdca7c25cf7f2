"""A real SMTP server, as small as one can be: it keeps what it is sent, or refuses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class SmtpServer:
    """`refusals` are the answers to the next receivers; then everyone is taken."""

    received: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer(writer, "220 test")
        while line := await reader.readline():
            command = line.decode().strip().upper()
            if command == "DATA":
                await self._answer(writer, "354 go on")
                self.received.append(_email_of(await reader.readuntil(b"\r\n.\r\n")))
            if command.startswith("RCPT") and self.refusals:
                await self._answer(writer, self.refusals.pop(0))
                continue
            await self._answer(writer, "221 bye" if command == "QUIT" else "250 fine")
            if command == "QUIT":
                break
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()


def _email_of(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw.removesuffix(b".\r\n"), policy=policy.default)


@asynccontextmanager
async def smtp_server() -> AsyncIterator[SmtpServer]:
    """On a free port of the loopback."""
    state = SmtpServer()
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    async with server:
        yield state
