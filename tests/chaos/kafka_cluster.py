"""Three Kafka nodes on this machine, each broker and controller: a cluster that can lose one."""

import subprocess
from pathlib import Path
from typing import Final, Self

from dualbus_cli.embedded import kafka
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.java import find_java
from dualbus_cli.embedded.kafka_jars import kafka_classpath
from dualbus_cli.embedded.ports import HOST, free_port

_CLUSTER_ID: Final = "ChaosClusterOfThreeNodes"[:22]
_NODES: Final = 3


class KafkaNode:
    """One node. `port` is where clients reach it."""

    def __init__(self, directory: Path, number: int, port: int) -> None:
        self.directory = directory / f"node-{number}"
        self.number = number
        self.port = port
        self._daemon: Daemon | None = None

    @property
    def _java(self) -> list[str]:
        jars = ":".join(str(jar) for jar in kafka_classpath())
        logging = f"-Dlog4j2.configurationFile={kafka._LOGGING}"
        return [str(find_java()), *kafka._JVM, logging, "-cp", jars]

    def format(self, voters: str, controller_port: int) -> None:
        """Write its properties and an empty log directory."""
        self.directory.mkdir(parents=True)
        replicated = {
            name: "3" for name in kafka._PROPERTIES if name.endswith("replication.factor")
        }
        properties = (
            kafka._PROPERTIES
            | replicated
            | {
                "node.id": str(self.number),
                "log.dirs": str(self.directory / "data"),
                "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{controller_port}",
                "advertised.listeners": f"PLAINTEXT://{HOST}:{self.port}",
                "controller.quorum.voters": voters,
                "unclean.leader.election.enable": "false",
            }
        )
        lines = (f"{name}={value}\n" for name, value in properties.items())
        (self.directory / "server.properties").write_text("".join(lines))
        tool = [*self._java, "kafka.tools.StorageTool", "format", f"--cluster-id={_CLUSTER_ID}"]
        tool += ["--config", str(self.directory / "server.properties")]
        subprocess.run(tool, check=True, capture_output=True)

    def start(self) -> None:
        """Start its process; it joins by itself."""
        argv = [*self._java, "kafka.Kafka", str(self.directory / "server.properties")]
        self._daemon = Daemon.spawn(argv, log=self.directory / "kafka.log", cwd=self.directory)

    @property
    def daemon(self) -> Daemon:
        assert self._daemon is not None
        return self._daemon


class KafkaCluster:
    """All three, started when the block begins and stopped when it ends."""

    def __init__(self, directory: Path) -> None:
        taken: set[int] = set()
        for _ in range(2 * _NODES):
            taken.add(free_port(taken=taken))
        ports = sorted(taken)
        self.nodes = [KafkaNode(directory, n + 1, ports[n]) for n in range(_NODES)]
        self._controllers = ports[_NODES:]

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    def __enter__(self) -> Self:
        voters = ",".join(
            f"{node.number}@{HOST}:{port}"
            for node, port in zip(self.nodes, self._controllers, strict=True)
        )
        for node, port in zip(self.nodes, self._controllers, strict=True):
            node.format(voters, port)
            node.start()
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.daemon.stop()
