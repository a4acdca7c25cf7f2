"""Messages that no service of ours would send: each is parked, and nobody else waits."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.outbox import task_message
from dualbus_events.relay import partition_of
from dualbus_kit.ids import new_id

from tests.events.bus import Bus
from tests.events.gadgets import PARTITIONS, TASKS
from tests.harness import a_task, record_of

_ENVELOPE: dict[str, bytes | None] = {
    "ce_type": b"gadget.make",
    "ce_time": b"2026-01-01T00:00:00.000Z",
    "ce_correlationid": b"c",
}


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"ce_id": b"\xff\xfe"}, b"{}"),
        ({"ce_id": b"no uuid"}, b"{}"),
        ({"ce_id": b"ffffffff-ffff-4fff-bfff-ffffffffffff"}, b"{}"),
        ({"ce_type": b"with\x00nul"}, b"{}"),
        ({"ce_type": None}, b"{}"),
        ({"ce_correlationid": b"\xff"}, b"{}"),
        ({"ce_sequence": b"many"}, b"{}"),
        ({"ce_sequence": b"99999999999999999999999"}, b"{}"),
        ({}, b""),
        ({}, b'{"taskId": "\\u0000", "processId": "p", "type": "gadget.make", "payload": {},'
             b' "deadline": "", "replyTo": "task-reply.test.v1"}'),
        ({}, b'{"taskId": "t", "processId": "p", "type": "gadget.make", "payload": [1],'
             b' "deadline": "", "replyTo": "task-reply.test.v1"}'),
        ({}, b"[" * 900_000),
    ],
    ids=[
        "id is no text", "id is no UUID", "id from after the year 9999", "NUL in the type",
        "header without a value", "correlation id is no text", "sequence is no number",
        "sequence beyond 64 bits", "no body", "NUL in the body", "payload is no object", "huge",
    ],
)  # fmt: skip
async def test_a_hostile_message_is_parked_and_others_go_on(
    bus: Bus, headers: dict[str, bytes | None], value: bytes
) -> None:
    good = record_of(task_message("test-svc", a_task("gadget.make", {"note": "good"})))
    await bus.start_consumer()

    envelope = {"ce_id": new_id().encode(), **_ENVELOPE, **headers}
    await produce(bus, OutgoingRecord(b"bad\xff", value, list(envelope.items())))  # type: ignore[arg-type]
    await produce(bus, OutgoingRecord(good.key, good.value, good.headers))

    await bus.until("SELECT count(*) FROM work WHERE note = 'good'", 1)
    await bus.until("SELECT count(*) FROM parked_event", 1)
    [parked] = await bus.rows("SELECT * FROM parked_key")
    assert (parked["topic"], parked["key"]) == (TASKS, b"bad\xff")


async def produce(bus: Bus, record: OutgoingRecord) -> None:
    producer = bus.producer()
    await producer.start()
    try:
        target = TopicPartition(TASKS, partition_of(record.key, PARTITIONS))
        assert await producer.send(target, [record]) == 1
    finally:
        await producer.stop()


class _NoText(str):
    """A header name as another client may send it: bytes that are no UTF-8."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


@pytest.mark.parametrize("bus", ["kafka"], indirect=True)
async def test_a_header_name_that_is_no_text_is_parked_and_others_go_on(
    bus: Bus, kafka_bootstrap: str
) -> None:
    good = record_of(task_message("test-svc", a_task("gadget.make", {"note": "good"})))
    await produce(bus, OutgoingRecord(good.key, good.value, good.headers))
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    batch = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, False, -1, -1, 0, 10_000)
    batch.append(key=b"bad", value=b"{}", timestamp=None, headers=[(_NoText("x"), b"1")])
    batch.append(key=b"bad", value=b"{}", timestamp=None, headers=[])
    target = partition_of(b"bad", PARTITIONS)
    await (await producer.send_batch(batch, TASKS, partition=target))
    await producer.stop()
    await produce(bus, OutgoingRecord(b"bad", b"{}", []))

    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM work WHERE note = 'good'", 1)
    await bus.until("SELECT count(*) FROM parked_event WHERE key = 'bad'", 3)
