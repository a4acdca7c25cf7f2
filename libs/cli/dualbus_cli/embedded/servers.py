"""PostgreSQL and Kafka together: embedded, or the ones the environment names."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dualbus_cli.embedded import kafka, postgres
from dualbus_cli.embedded.kafka import KafkaServer
from dualbus_cli.embedded.postgres import PostgresServer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Servers:
    """`dsn` is a superuser's (or one that may create databases), `bootstrap` is host:port,…"""

    dsn: str
    bootstrap: str


class EmbeddedServers:
    """Both servers below `directory`; DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS replace them."""

    def __init__(self, directory: Path, *, usual_ports: bool = True, durable: bool = True) -> None:
        self.postgres = PostgresServer(
            directory / "postgres",
            usual_port=postgres.USUAL_PORT if usual_ports else None,
            durable=durable,
        )
        self.kafka = KafkaServer(
            directory / "kafka", usual_port=kafka.USUAL_PORT if usual_ports else None
        )

    def by_name(self) -> dict[str, PostgresServer | KafkaServer]:
        return {"postgres": self.postgres, "kafka": self.kafka}

    def start_postgres(self) -> str:
        return os.environ.get("DATABASE_URL") or self.postgres.start()

    def start_kafka(self) -> str:
        return os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or self.kafka.start()

    def start(self) -> Servers:
        """Start both at once; what runs already is left alone."""
        dsn, bootstrap = _at_once(self.start_postgres, self.start_kafka)
        return Servers(dsn=dsn, bootstrap=bootstrap)

    def stop(self) -> None:
        """Stop both at once; servers of the environment are never touched."""
        _at_once(self.postgres.stop, self.kafka.stop)


def _at_once(*calls: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [started.result() for started in [pool.submit(call) for call in calls]]
