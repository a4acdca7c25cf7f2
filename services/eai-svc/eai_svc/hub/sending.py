"""Posting one event to one subscriber: the very bytes of the log, signed, to a checked address."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

import httpx
from dualbus_tmf.hub.signing import signature_headers

from eai_svc.hub.addresses import ForbiddenAddress, Network, Resolve, checked_address, resolve
from eai_svc.hub.queue import Delivery

_ADDRESS_SECONDS = 30.0
_ANSWER_BYTES = 65_536
# The subscriber itself can't be reached, whatever the event: an answer of what stands before it.
_UNAVAILABLE = frozenset((408, 425, 429, 502, 503, 504))
# CloudEvents' HTTP binding 1.0.2, 3.1.3.2: printable ASCII but space, quote and percent.
_UNESCAPED = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one post. `refused`: of this event; `unreachable`: of any."""

    kind: Literal["acknowledged", "refused", "unreachable"]
    error: str = ""


def listener_path(event_type: str) -> str:
    """`/listener/productOrderStateChangeEvent` (TMF630, listeners)."""
    return f"/listener/{event_type[:1].lower()}{event_type[1:]}"


class Sender:
    """Posts to one callback. One client per subscriber: no connection is shared between names."""

    def __init__(
        self,
        callback: str,
        *,
        key: str,
        timeout_seconds: float,
        allowed: Sequence[Network],
        ask: Resolve = resolve,
    ) -> None:
        self._callback = callback.rstrip("/")
        parts = urlsplit(self._callback)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._host_header = parts.netloc
        self._key = key
        self._timeout = timeout_seconds
        self._allowed = allowed
        self._ask = ask
        self._address = ""
        self._address_until = 0.0
        # trust_env: a proxy would connect elsewhere than to the address that was checked.
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=timeout_seconds,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, delivery: Delivery) -> Outcome:
        """Post one event; never raises for the subscriber's sake."""
        try:
            async with asyncio.timeout(self._timeout):
                return _outcome_of(await self._post(delivery))
        except ForbiddenAddress as error:
            return Outcome("unreachable", str(error))
        except TimeoutError:
            return Outcome("unreachable", f"no answer within {self._timeout:g} s")
        except Exception as error:  # of the connection, or of what the subscriber sends
            self._address_until = 0.0
            return Outcome("unreachable", f"{type(error).__name__}: {error}")

    async def _post(self, delivery: Delivery) -> int:
        url = httpx.URL(self._callback + listener_path(delivery.event_type))
        request = self._client.build_request(
            "POST",
            url.copy_with(host=await self._checked_address()),
            content=delivery.payload,
            headers=self._headers(delivery),
            # The certificate is that of the name, though we connect to the address.
            extensions={"sni_hostname": self._host},
        )
        response = await self._client.send(request, stream=True)
        try:
            # Read to the end, so that the connection can be used again; an endless body is cut.
            seen = 0
            async for chunk in response.aiter_raw():
                seen += len(chunk)
                if seen > _ANSWER_BYTES:
                    break
        finally:
            await response.aclose()
        return response.status_code

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        """CloudEvents' HTTP binding of the headers that the record has on Kafka (binary mode)."""
        headers = {
            name.replace("ce_", "ce-", 1): quote(value, safe=_UNESCAPED)
            for name, value in delivery.headers.items()
            if name.startswith("ce_")
        }
        headers |= {
            name: value
            for name, value in delivery.headers.items()
            if not name.startswith("ce_") and value.isascii() and value.isprintable()
        }
        headers.setdefault("content-type", "application/json")
        if not delivery.live:
            headers["x-dualbus-replay"] = str(delivery.cursor_id)
        signature = signature_headers(
            self._key,
            message_id=str(delivery.event_id),
            at=int(time.time()),
            body=delivery.payload,
        )
        return {**headers, **signature, "host": self._host_header, "user-agent": "dualbus"}

    async def _checked_address(self) -> str:
        now = time.monotonic()
        if now >= self._address_until:
            self._address = await checked_address(
                self._host, self._port, allowed=self._allowed, ask=self._ask
            )
            self._address_until = now + _ADDRESS_SECONDS
        return self._address


def _outcome_of(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome("acknowledged")
    if status in _UNAVAILABLE:
        return Outcome("unreachable", f"answered {status}")
    return Outcome("refused", f"answered {status}")
