"""The embedded servers come up, stay on this machine, and recover from being killed."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from dualbus_cli.embedded import KafkaServer, PostgresServer

pytestmark = pytest.mark.servers


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path / "postgres", usual_port=None)
    yield server
    server.stop()


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[KafkaServer]:
    server = KafkaServer(tmp_path / "kafka", usual_port=None)
    yield server
    server.stop()


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def listening_addresses(pid: int) -> set[str]:
    return {
        connection.laddr.ip
        for process in family(pid)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }


def running(server: PostgresServer | KafkaServer) -> int:
    daemon = server.daemon()
    assert daemon is not None
    return daemon.pid


def kill(server: PostgresServer | KafkaServer) -> None:
    daemon = server.daemon()
    assert daemon is not None
    daemon.stop(how=signal.SIGKILL)


async def write_row(dsn: str, value: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", value)
    await connection.close()


async def read_rows(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT value FROM kept")
    await connection.close()
    return [row["value"] for row in rows]


async def create_topic(bootstrap: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name=name, num_partitions=1, replication_factor=1)])
    await admin.close()


async def publish(bootstrap: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    await producer.send_and_wait(topic, value)
    await producer.stop()


async def read_first(bootstrap: str, topic: str) -> object:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(topic, 0)])
    message = await consumer.getone()
    await consumer.stop()
    return message.value


async def test_postgres_keeps_committed_rows_when_it_is_killed(postgres: PostgresServer) -> None:
    await write_row(postgres.start(), "before")
    kill(postgres)

    again = postgres.start()

    assert await read_rows(again) == ["before"]


async def test_postgres_starts_although_its_old_pid_is_another_program_now(
    postgres: PostgresServer,
) -> None:
    postgres.start()
    kill(postgres)
    pid_file = postgres.directory / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(psutil.Process().pid), *lines[1:]]) + "\n")

    dsn = postgres.start()

    await write_row(dsn, "after")
    assert psutil.Process().is_running()


async def test_kafka_keeps_messages_when_it_is_killed(kafka: KafkaServer) -> None:
    bootstrap = kafka.start()
    await create_topic(bootstrap, "kept")
    await publish(bootstrap, "kept", b"before")
    kill(kafka)

    again = kafka.start()

    assert await read_first(again, "kept") == b"before"


def test_second_start_leaves_the_running_servers_alone(
    postgres: PostgresServer, kafka: KafkaServer
) -> None:
    first = (postgres.start(), kafka.start(), running(postgres), running(kafka))

    second = (postgres.start(), kafka.start(), running(postgres), running(kafka))

    assert second == first


def test_servers_listen_on_this_machine_only(postgres: PostgresServer, kafka: KafkaServer) -> None:
    postgres.start()
    kafka.start()

    addresses = listening_addresses(running(postgres)) | listening_addresses(running(kafka))

    assert {address.removeprefix("::ffff:") for address in addresses} == {"127.0.0.1"}


def test_stop_leaves_no_server_process(postgres: PostgresServer, kafka: KafkaServer) -> None:
    postgres.start()
    kafka.start()
    processes = family(running(postgres)) + family(running(kafka))

    postgres.stop()
    kafka.stop()

    assert [process for process in processes if process.is_running()] == []


def test_postgres_takes_its_old_port_again(postgres: PostgresServer) -> None:
    first = postgres.start()
    postgres.stop()

    assert postgres.start() == first


async def test_a_taken_port_is_replaced_by_a_free_one(postgres: PostgresServer) -> None:
    dsn = postgres.start()
    postgres.stop()
    port = urlsplit(dsn).port

    with socket.create_server(("127.0.0.1", port or 0)):
        elsewhere = postgres.start()

    assert urlsplit(elsewhere).port != port
    await write_row(elsewhere, "reached")
