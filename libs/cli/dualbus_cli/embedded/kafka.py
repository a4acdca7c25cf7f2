"""One Kafka 4.1 node in KRaft mode, broker and controller in one, on 127.0.0.1."""

import base64
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import Final

from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.errors import EmbeddedServerUnavailable
from dualbus_cli.embedded.java import find_java
from dualbus_cli.embedded.kafka_jars import kafka_classpath
from dualbus_cli.embedded.ports import HOST, free_port
from dualbus_cli.embedded.state import ServerState, write_private

USUAL_PORT: Final = 29092
_START_SECONDS: Final = 180
_LOGGING: Final = Path(__file__).with_name("kafka_log4j2.yaml")
_STARTED: Final = "Kafka Server started"
_JVM: Final = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # The second compiler takes more of two cores, for minutes, than its code gives back.
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
)
_PROPERTIES: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "message.max.bytes": "2097152",
    "replica.fetch.max.bytes": "2097152",
    # Index files are allocated in full for every partition; 256 KB covers a segment of 128 MB.
    "log.segment.bytes": "134217728",
    "log.index.size.max.bytes": "393216",
    # The default of 128 MB is a quarter of this heap.
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.recovery.threads.per.data.dir": "2",
    # After a kill -9 the broker may register again only when its old session has run out.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "500",
}


class KafkaServer:
    """A node whose data, port and cluster id live in `directory`."""

    def __init__(self, directory: Path, *, usual_port: int | None = USUAL_PORT) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "kafka.log"
        self._data = self.directory / "data"
        self._properties = self.directory / "server.properties"
        self._usual_port = usual_port

    def start(self) -> str:
        """The bootstrap address; returns at once when the server is up already.

        Raises EmbeddedServerUnavailable, with the end of the log, when it doesn't come up.
        """
        state = ServerState.load(self.directory)
        if state.daemon is not None and self._becomes_ready(state.daemon, state.log_offset):
            return f"{HOST}:{state.port}"
        self.directory.mkdir(parents=True, exist_ok=True)
        java = [str(find_java()), *_JVM, f"-Dlog4j2.configurationFile={_LOGGING}"]
        java += ["-cp", ":".join(str(jar) for jar in kafka_classpath())]
        state.port = free_port((state.port, self._usual_port))
        self._write_properties(port=state.port, controller_port=free_port(taken={state.port}))
        if not (self._data / "meta.properties").exists():
            self._format(java)
        state.log_offset = self.log.stat().st_size if self.log.exists() else 0
        state.daemon = Daemon.spawn(
            [*java, "kafka.Kafka", str(self._properties)], log=self.log, cwd=self.directory
        )
        state.save(self.directory)
        if not self._becomes_ready(state.daemon, state.log_offset):
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
            raise EmbeddedServerUnavailable(f"Kafka did not start; {self.log} ends with:\n{tail}")
        return f"{HOST}:{state.port}"

    def stop(self, *, timeout: float = 10) -> None:
        """Close the logs cleanly; killed after `timeout` seconds."""
        state = ServerState.load(self.directory)
        if state.daemon is not None:
            state.daemon.stop(timeout=timeout)

    def daemon(self) -> Daemon | None:
        """The running server's process, None when it is down."""
        found = ServerState.load(self.directory).daemon
        return found if found is not None and found.alive() else None

    def bootstrap(self) -> str | None:
        """The bootstrap address while the server runs, None when it is down."""
        return f"{HOST}:{ServerState.load(self.directory).port}" if self.daemon() else None

    def _write_properties(self, *, port: int, controller_port: int) -> None:
        properties = _PROPERTIES | {
            "log.dirs": str(self._data),
            "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
            "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        }
        lines = (f"{name}={value}\n" for name, value in properties.items())
        write_private(self._properties, "".join(lines))

    def _format(self, java: list[str]) -> None:
        # A half-formatted directory holds no records yet.
        shutil.rmtree(self._data, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # An id must not look like an option on the command line.
        argv = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id=D{cluster[1:]}"]
        argv += ["--config", str(self._properties)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise EmbeddedServerUnavailable(
                f"Kafka's storage could not be formatted: {(done.stderr + done.stdout).strip()}"
            )

    def _becomes_ready(self, daemon: Daemon, log_offset: int) -> bool:
        """An open port is too early: topics can be created once the broker is unfenced."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and daemon.alive():
            with self.log.open("rb") as log:
                log.seek(log_offset)
                if _STARTED.encode() in log.read():
                    return True
            time.sleep(0.05)
        return False
