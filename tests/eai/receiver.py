"""A subscriber of webhooks on a free port, that answers as it is told and remembers everything."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.eai.serving import serving


@dataclass(frozen=True)
class Posted:
    """One request, as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["ce-id"]

    @property
    def key(self) -> str:
        return self.headers["ce-subject"]

    def signed_with(self, signing_key: str) -> bool:
        """Checked as standardwebhooks.com says, not with our own code."""
        key = base64.b64decode(signing_key.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        expected = base64.b64encode(hmac.digest(key, signed + self.body, hashlib.sha256)).decode()
        return self.headers["webhook-signature"] == f"v1,{expected}"


def always_201(_: Posted) -> int:
    return 201


@dataclass
class Receiver:
    """`answer` decides the status of each request; `accepted` are those it answered with 2xx."""

    url: str = ""
    answer: Callable[[Posted], int] = always_201
    posted: list[Posted] = field(default_factory=list)
    accepted: list[Posted] = field(default_factory=list)

    def accepted_of(self, *keys: str) -> list[Posted]:
        return [one for one in self.accepted if one.key in keys]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        posted = Posted(scope["path"], headers, body)
        self.posted.append(posted)
        status = self.answer(posted)
        if 200 <= status < 300:
            self.accepted.append(posted)
        location = [(b"location", b"http://elsewhere.example/")] if status // 100 == 3 else []
        await send({"type": "http.response.start", "status": status, "headers": location})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def a_receiver() -> AsyncIterator[Receiver]:
    """Listening until the block ends."""
    receiver = Receiver()
    async with serving(receiver) as receiver.url:
        yield receiver
