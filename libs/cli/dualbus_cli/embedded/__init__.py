"""Real PostgreSQL and Kafka without Docker: from a wheel and from jars."""

from dualbus_cli.embedded.errors import EmbeddedServerUnavailable
from dualbus_cli.embedded.kafka import KafkaServer
from dualbus_cli.embedded.postgres import PostgresServer
from dualbus_cli.embedded.servers import EmbeddedServers, Servers

__all__ = [
    "EmbeddedServerUnavailable",
    "EmbeddedServers",
    "KafkaServer",
    "PostgresServer",
    "Servers",
]
