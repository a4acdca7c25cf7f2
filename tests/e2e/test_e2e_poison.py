"""Messages that can't be handled park their key; everybody else goes on."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from dualbus_events.catalogue import TOPICS

from tests.e2e.channel import Channel, an_order
from tests.e2e.ledger import Ledger
from tests.e2e.running_system import RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

# The broker's limit for a record on these topics, less its own overhead.
_HUGE = 1_499_000
_ENVELOPE = [
    ("ce_type", b"Poison"),
    ("ce_time", b"2026-01-01T00:00:00.000Z"),
    ("ce_correlationid", b"c"),
    ("ce_sequence", b"1"),
]


def poison() -> dict[bytes, tuple[bytes, list[tuple[str, bytes]]]]:
    """Value and headers by key: a broken body, one as huge as they get, undecodable headers."""
    return {
        b"poison-body": (b"\xff{", _with_id()),
        b"poison-huge": (secrets.token_hex(_HUGE // 2).encode(), []),
        b"poison-headers": (b"{}", [(name, b"\xff\x00") for name, _ in _with_id()]),
    }


def _with_id() -> list[tuple[str, bytes]]:
    return [("ce_id", secrets.token_hex(16).encode()), *_ENVELOPE]


async def parked(system: RunningSystem) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = system.dualbus_json("bus", "parked", "list")["parked"]
    return listed


@asynccontextmanager
async def a_producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=2_000_000)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def test_a_broken_or_huge_message_on_any_topic_stops_nobody_else(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    async with a_producer(system.stack.bootstrap) as producer:
        for topic in TOPICS:
            for key, (value, headers) in poison().items():
                await producer.send_and_wait(topic.name, value, key=key, headers=headers)

    order = await channel.complete(an_order(await channel.customer(), "mobile-ringback"))

    await ledger.until_ended([order], seconds=60)
    assert await ledger.findings([order]) == []
    # The ODS reads every topic, so it parks each of them once.
    expected = {(topic.name, key.decode()) for topic in TOPICS for key in poison()}

    async def by_ods() -> object:
        return {(o["topic"], o["key"]) for o in await parked(system) if o["service"] == "ods"}

    await eventually(by_ods, expected)
    for key in poison():
        system.dualbus("bus", "parked", "skip", key.decode())
    assert await parked(system) == []


async def test_what_a_participant_cannot_handle_is_parked_and_done_in_order_once_released(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    unlucky, others = await channel.customer(), await channel.customers(3)
    async with a_fault_in_billing(system, unlucky):
        stuck = await channel.place(an_order(unlucky, "phone", "streaming-tv", "fibre"))
        fine = [await channel.place(an_order(other, "phone")) for other in others]
        await ledger.until_ended(fine, seconds=60)

        async def keys() -> object:
            return [one["key"] for one in await parked(system)]

        await eventually(keys, [stuck["id"]])
        assert (await channel.order(stuck["id"]))["state"] == "inProgress"

    system.dualbus("bus", "parked", "retry")

    assert await parked(system) == []
    await ledger.until_ended([stuck], seconds=60)
    assert await ledger.findings([stuck, *fine]) == []


@asynccontextmanager
async def a_fault_in_billing(system: RunningSystem, customer: str) -> AsyncIterator[None]:
    """Until the block ends, billing's database refuses every charge of one customer."""
    await system.rows(
        "billing",
        "CREATE FUNCTION refuse_charge() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no charge for this customer'; END $$",
    )
    await system.rows(
        "billing",
        "CREATE TRIGGER refuse BEFORE INSERT ON charge FOR EACH ROW "
        f"WHEN (NEW.customer_id = '{customer}') EXECUTE FUNCTION refuse_charge()",
    )
    try:
        yield
    finally:
        await system.rows("billing", "DROP FUNCTION refuse_charge CASCADE")
