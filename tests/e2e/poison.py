"""Messages that nobody can handle, on every topic, and who set them aside."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from dualbus_events.catalogue import TOPICS

from tests.e2e.running_system import RunningSystem

# The broker's limit for a record on these topics, less its own overhead.
_HUGE: Final = 1_499_000
_ENVELOPE: Final = [
    ("ce_type", b"Poison"),
    ("ce_time", b"2026-01-01T00:00:00.000Z"),
    ("ce_correlationid", b"c"),
    ("ce_sequence", b"1"),
]
POISONED_KEYS: Final = ("poison-body", "poison-huge", "poison-headers")


async def poison_every_topic(bootstrap: str) -> None:
    """A broken body, one as huge as they get, and undecodable headers, on each topic."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=2_000_000)
    await producer.start()
    try:
        for topic in TOPICS:
            for key, (value, headers) in _poison().items():
                await producer.send_and_wait(topic.name, value, key=key.encode(), headers=headers)
    finally:
        await producer.stop()


def _poison() -> Mapping[str, tuple[bytes, list[tuple[str, bytes]]]]:
    """Value and headers by key."""
    id_ = ("ce_id", secrets.token_hex(16).encode())
    body, huge, headers = POISONED_KEYS
    return {
        body: (b"\xff{", [id_, *_ENVELOPE]),
        huge: (secrets.token_hex(_HUGE // 2).encode(), []),
        headers: (b"{}", [(name, b"\xff\x00") for name, _ in (id_, *_ENVELOPE)]),
    }


async def parked(system: RunningSystem) -> list[dict[str, Any]]:
    """Every parked key of every service."""
    listed: list[dict[str, Any]] = system.dualbus_json("bus", "parked", "list")["parked"]
    return listed
