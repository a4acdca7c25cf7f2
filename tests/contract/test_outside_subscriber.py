"""A subscriber in Java, without any code of ours, reads a topic by the AsyncAPI document alone."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from customer_svc.service import SERVICE
from dualbus_cli.embedded.java import find_java
from dualbus_cli.embedded.kafka_jars import kafka_classpath
from dualbus_events.contract.customer import CUSTOMER, CustomerAttributeValueChangeEvent
from dualbus_kit.ids import new_id

from tests.harness import Harness, running

SOURCE: Final = Path(__file__).with_name("outside_subscriber") / "Subscriber.java"
PATH: Final = "/tmf-api/customerManagement/v4/customer"


@pytest.fixture(scope="module")
def java() -> Path:
    """A Java that runs a program from its source; the one that comes with Kafka's wheel can't."""
    found = find_java()
    modules = subprocess.run([found, "--list-modules"], check=True, capture_output=True, text=True)
    if "jdk.compiler@" not in modules.stdout:
        pytest.skip(f"{found} has no jdk.compiler module: install a JDK of 17 or newer")
    return found


@asynccontextmanager
async def subscriber(java: Path, *arguments: str) -> AsyncIterator[asyncio.StreamReader]:
    """The lines that the program prints."""
    classpath = ":".join(str(jar) for jar in kafka_classpath())
    command = ["-XX:+UseSerialGC", "-cp", classpath, str(SOURCE), *arguments]
    program = await asyncio.create_subprocess_exec(
        java,
        *command,
        stdout=asyncio.subprocess.PIPE,
        limit=1_000_000,
    )
    assert program.stdout is not None
    try:
        yield program.stdout
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


@asynccontextmanager
async def customer_topic(bootstrap: str) -> AsyncIterator[None]:
    """The topic; gone afterwards, unless it was there before."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        present = CUSTOMER.name in await admin.list_topics()
        if not present:
            await admin.create_topics([NewTopic(CUSTOMER.name, CUSTOMER.partitions, 1)])
        yield
        if not present:
            await admin.delete_topics([CUSTOMER.name])
    finally:
        await admin.close()


async def create_and_change_customer(service: Harness, id_: str) -> None:
    body = {"id": id_, "name": "Jane", "engagedParty": {"id": id_, "@referredType": "Individual"}}
    created = await service.client.post(PATH, json=body)
    changed = await service.client.patch(f"{PATH}/{id_}", json={"name": "Jane Doe"})
    assert (created.status_code, changed.status_code) == (201, 200)


async def records_of(lines: asyncio.StreamReader, key: str, *, number: int) -> list[dict[str, Any]]:
    """The first records of a key."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(150):
        while len(found) < number:
            line = await lines.readline()
            assert line, "the subscriber has ended"
            record = json.loads(line)
            if record["key"] == key:
                found.append(record)
    return found


def promise_too_much(document: dict[str, Any], event: str) -> None:
    """The document says more of one event than is kept: the subscriber must notice."""
    message = document["components"]["messages"][f"{CUSTOMER.name}.{event}"]
    message["headers"] = {"allOf": [message["headers"], {"required": ["ce_mood"]}]}
    message["payload"]["allOf"].append({"properties": {"domain": {"const": "order"}}})


@pytest.mark.timeout(200)
async def test_a_java_program_reads_a_topic_by_the_document_alone(
    java: Path, postgres_dsn: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    id_, path = new_id(), tmp_path / "asyncapi.json"
    async with (
        customer_topic(kafka_bootstrap),
        running(SERVICE, postgres_dsn, roles=["api", "relay"], kafka=kafka_bootstrap) as service,
    ):
        document = (await service.client.get("/asyncapi.json")).json()
        promise_too_much(document, CustomerAttributeValueChangeEvent.name)
        path.write_text(json.dumps(document))
        await create_and_change_customer(service, id_)
        async with subscriber(java, str(path), "CustomerCreateEvent", f"crm-{id_}") as lines:
            created, changed = await records_of(lines, id_, number=2)

    assert created["complaints"] == []
    assert created["value"]["event"]["customer"]["name"] == "Jane"
    assert created["headers"]["ce_type"] == "CustomerCreateEvent"
    assert created["headers"]["ce_id"] == created["value"]["eventId"]
    assert (created["headers"]["ce_sequence"], changed["headers"]["ce_sequence"]) == ("1", "2")
    assert changed["complaints"] == [
        "headers lacks ce_mood",
        'value.domain is not "order"',
    ]
