"""A leader is lost: one of three brokers is down at a time (bus.md 4, test 9)."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaError

from tests.chaos.clients import partitions_of
from tests.chaos.kafka_cluster import KafkaCluster
from tests.chaos.running_trial import a_trial
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]


async def _metadata(bootstrap: str) -> ClusterMetadata | None:
    """What the cluster says of itself; None while no broker answers."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    try:
        await client.bootstrap()
        return await client.fetch_all_metadata()
    except KafkaError:
        return None
    finally:
        await client.close()


async def _all_there(bootstrap: str) -> bool:
    metadata = await _metadata(bootstrap)
    return metadata is not None and len(metadata.brokers()) == 3


async def _in_sync(bootstrap: str, topic: str) -> bool:
    """Every partition has all three replicas in sync."""
    metadata = await _metadata(bootstrap)
    partitions = metadata._partitions.get(topic, {}) if metadata else {}
    return len(partitions) == len(partitions_of(topic)) and all(
        len(partition.isr) == 3 for partition in partitions.values()
    )


@pytest.mark.case(
    number="9",
    fails="each of three brokers in turn: killed (-9) under load and started again",
    promised="acks=all holds with two in sync: nothing lost, order kept, each effect once",
)
async def test_each_of_three_brokers_dies_in_turn(
    request: pytest.FixtureRequest, postgres_dsn: str, tmp_path: Path
) -> None:
    with KafkaCluster(tmp_path) as cluster:
        await eventually(partial(_all_there, cluster.bootstrap), seconds=240)
        async with a_trial(request.node, postgres_dsn, cluster.bootstrap, replicas=3) as trial:
            roles = ("writer", "relay", "consumer")
            load = WriterOptions(tasks=4)
            children = [await trial.start(role, writer=load) for role in roles]
            for child in children:
                await trial.started(child)

            async def in_sync() -> bool:
                return await _in_sync(cluster.bootstrap, trial.topic)

            for node in trial.chance.sample(cluster.nodes, 3):
                await eventually(in_sync, seconds=180)
                trial.history.note("SIGKILL", server=f"kafka {node.number}")
                await asyncio.to_thread(node.daemon.stop, how=signal.SIGKILL)
                await asyncio.sleep(10)
                node.start()
            await eventually(in_sync, seconds=180)
            await children[0].stop()

            await trial.drained(seconds=120)
            await trial.verdict(crashes=True)
            assert all(child.running for child in children[1:])
            for child in children[1:]:
                await child.kill()
