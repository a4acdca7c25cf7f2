"""How fast the ODS is built anew from the topics: many synthetic facts, then one rebuild."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

import httpx
import orjson
from dualbus_events.aggregate import RecordedEvent
from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.contract.order import (
    PRODUCT_ORDER,
    ProductOrderCreateEvent,
    ProductOrderStateChangeEvent,
)
from dualbus_events.kafka import KafkaProducer
from dualbus_events.outbox import fact_message
from dualbus_events.relay import partition_of
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.ods.freshness_client import FreshnessClient
from dualbus_cli.ods.rebuild import run_rebuild
from dualbus_cli.stack import Stack

_VERSIONS: Final = 4
_ORDERS_OF_A_CUSTOMER: Final = 5
_CHUNK: Final = 5_000
_READ_SECONDS: Final = 1_800
_START: Final = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RebuildMeasured:
    """`events` were read and stored in `fill_seconds`; `seconds` is the whole rebuild."""

    events: int
    fill_seconds: float
    seconds: float

    @property
    def per_s(self) -> float:
        return self.events / self.fill_seconds


async def measure_rebuild(stack: Stack, *, events: int) -> RebuildMeasured:
    """Add so many facts to the topics of a system, wait for its ODS to read them, and rebuild it.

    The facts stay: use a system of the bench's own, and measure this last. Raises BenchFailed.
    """
    await publish_facts(stack.bootstrap, events)
    async with httpx.AsyncClient(base_url=stack.url("ods"), timeout=60) as client:
        until = time.monotonic() + _READ_SECONDS
        if not await FreshnessClient(client).read_up_to(PRODUCT_ORDER.name, until):
            raise BenchFailed("the ODS did not read all facts in half an hour")
    done = run_rebuild(stack, ["--restart", "--accept-missing", "--json"], captured=True)
    if done.returncode != 0:
        raise BenchFailed("the rebuild failed; its reason is above")
    report = json.loads(done.stdout.splitlines()[-1])
    return RebuildMeasured(report["events"], report["fill_seconds"], report["seconds"])


async def publish_facts(bootstrap: str, events: int) -> None:
    """Versions of product orders, as order-svc's relay would write them."""
    producer = KafkaProducer(bootstrap)
    await producer.start()
    try:
        partitions = await producer.partition_count(PRODUCT_ORDER.name)
        facts = _facts(events)
        while chunk := list(islice(facts, _CHUNK)):
            groups: dict[TopicPartition, list[OutgoingRecord]] = defaultdict(list)
            for record in chunk:
                at = partition_of(record.key, partitions)
                groups[TopicPartition(PRODUCT_ORDER.name, at)].append(record)
            for target, records in groups.items():
                if await producer.send(target, records) != len(records):
                    raise BenchFailed("Kafka did not take the facts")
    finally:
        await producer.stop()


def _facts(events: int) -> Iterator[OutgoingRecord]:
    """Each order's versions follow each other at a distance, as those of orders under way do."""
    orders = max(events // _VERSIONS, 1)
    for number in range(events):
        version, order = number // orders + 1, number % orders
        yield _fact(order, version, _START + timedelta(milliseconds=number))


def _fact(number: int, version: int, moment: datetime) -> OutgoingRecord:
    order_id, customer = str(UUID(int=number + (7 << 76))), f"c{number // _ORDERS_OF_A_CUSTOMER}"
    recorded = RecordedEvent(
        event_type=ProductOrderCreateEvent if version == 1 else ProductOrderStateChangeEvent,
        version=version,
        body=orjson.dumps(_order(order_id, customer, version)),
        time=timestamp(moment),
        cause=Cause(correlation_id=order_id),
    )
    message = fact_message("order-svc", recorded, key=order_id, customer_id=customer)
    headers = [(name, text.encode()) for name, text in orjson.loads(message.headers).items()]
    return OutgoingRecord(order_id.encode(), message.payload, headers)


def _order(order_id: str, customer: str, version: int) -> dict[str, Any]:
    state = "acknowledged" if version == 1 else "inProgress" if version < _VERSIONS else "completed"
    return {
        "id": order_id,
        "href": f"http://localhost/tmf-api/productOrderingManagement/v4/productOrder/{order_id}",
        "state": state,
        "category": "residential",
        "relatedParty": [{"id": customer, "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": [
            {
                "id": str(item),
                "action": "add",
                "state": state,
                "productOffering": {"id": f"offering-{item}", "name": "Fibre 1000"},
            }
            for item in (1, 2)
        ],
        "@type": "ProductOrder",
    }
