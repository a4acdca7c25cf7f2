"""An outside system on the bus: aiokafka, json and the published contract, nothing of Dualbus.

Usage: python subscriber.py BOOTSTRAP FILE

Reads every fact topic, `<domain>.<resource>.v1`, from where it ends at the start, in a consumer
group of its own. Says `ready` on standard output once that is settled, and writes a line of JSON
per event to FILE: [topic, key, version, event id, event type, customer id]. When its standard
input ends it reads on to where the topics end then, and says how many events it saw.
"""

import asyncio
import json
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

FACTS = r"^(customer|order|provisioning|billing|assurance)\.[a-z-]+\.v1$"


async def subscribe(bootstrap: str, file: TextIO) -> int:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=f"outside-subscriber-{uuid.uuid4()}",
        auto_offset_reset="latest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        consumer.subscribe(pattern=FACTS)
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=100)
        # A position is where the topic ended when it was asked for first: from here on nothing
        # that is published can be missed.
        for partition in consumer.assignment():
            await consumer.position(partition)
        print("ready", flush=True)
        end = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
        count = 0
        while not end.done():
            count += write(file, await consumer.getmany(timeout_ms=200))
        ends = await consumer.end_offsets(consumer.assignment())
        while [p for p in ends if await consumer.position(p) < ends[p]]:
            count += write(file, await consumer.getmany(timeout_ms=200))
        return count
    finally:
        await consumer.stop()


def write(file: TextIO, batches: dict[TopicPartition, list[ConsumerRecord]]) -> int:
    records = [record for batch in batches.values() for record in batch]
    file.writelines(json.dumps(line) + "\n" for line in map(event, records))
    return len(records)


def event(record: ConsumerRecord) -> list[str | int | None]:
    """The value is TM Forum's notification; what it is about rides in CloudEvents headers."""
    headers = text(record.headers)
    body: dict[str, Any] = json.loads(record.value)
    if body["eventId"] != headers["ce_id"]:
        raise ValueError(f"{record.topic}: event {body['eventId']} travels as {headers['ce_id']}")
    return [
        record.topic,
        record.key.decode(),
        int(headers["ce_sequence"]),
        headers["ce_id"],
        body["eventType"],
        headers.get("ce_customerid"),
    ]


def text(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}


def main() -> None:
    bootstrap, path = sys.argv[1:]
    with Path(path).open("w") as file:
        print(asyncio.run(subscribe(bootstrap, file)), flush=True)


if __name__ == "__main__":
    main()
