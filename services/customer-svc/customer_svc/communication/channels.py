"""Channels: what brings a message to its receivers. One Protocol, an adapter per way."""

import asyncio
import smtplib
from collections.abc import Mapping
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

import orjson

Message = Mapping[str, Any]
"""A TMF681 message as JSON."""

_SECONDS = 10.0
_EMAIL = "email"


class Undeliverable(Exception):
    """Another try would end the same way; the text says why."""


class Channel(Protocol):
    """Brings one message to all its receivers.

    Raises Undeliverable for a message that it will never take, OSError or `smtplib.SMTPException`
    when another try may succeed. A message may come again with the same id after a crash.
    """

    async def deliver(self, message: Message) -> None: ...


class SmtpChannel:
    """E-mail through one SMTP server. The Message-ID is the message's, so doubles can be told."""

    def __init__(self, host: str, port: int, *, sender: str) -> None:
        self._host = host
        self._port = port
        self._sender = sender

    async def deliver(self, message: Message) -> None:
        email = self._email(message)
        await asyncio.to_thread(self._send, email)

    def _email(self, message: Message) -> EmailMessage:
        receivers = [r["email"] for r in message.get("receiver") or [] if r.get("email")]
        if not receivers:
            raise Undeliverable("no receiver has an e-mail address")
        email = EmailMessage()
        try:
            email["From"] = (message.get("sender") or {}).get("email") or self._sender
            email["To"] = ", ".join(receivers)
            email["Subject"] = message.get("subject") or ""
            email["Message-ID"] = f"<{message['id']}@{self._sender.rpartition('@')[2]}>"
            email.set_content(message.get("content") or "")
        except (MessageError, ValueError) as error:
            raise Undeliverable(f"not an e-mail: {error}") from error
        return email

    def _send(self, email: EmailMessage) -> None:
        with smtplib.SMTP(self._host, self._port, timeout=_SECONDS) as server:
            try:
                server.send_message(email)
            except smtplib.SMTPRecipientsRefused as error:
                refusals = error.recipients.values()
                if all(code >= 500 for code, _ in refusals):
                    raise Undeliverable(f"every receiver is refused: {error}") from error
                raise


class FileChannel:
    """A line of JSON per message, for gateways that read a spool, and for trying things out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, message: Message) -> None:
        line = orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
        await asyncio.to_thread(self._append, line)

    def _append(self, line: bytes) -> None:
        # One write of an appended file: lines of two processes never mix.
        with self._path.open("ab", buffering=0) as file:
            file.write(line)


class Channels:
    """Which channel takes a message: e-mail has its own, the file takes the rest."""

    def __init__(self, *, email: Channel | None, others: Channel | None) -> None:
        self._email = email
        self._others = others

    async def deliver(self, message: Message) -> None:
        kind = str(message.get("messageType", "")).casefold().replace("-", "")
        channel = self._email if kind == _EMAIL and self._email else self._others
        if channel is None:
            raise Undeliverable(f"no channel is set up for {message.get('messageType')}")
        await channel.deliver(message)
