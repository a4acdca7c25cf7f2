"""The topics of both buses are created as the catalogue has them."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from dualbus_cli.topics import create_topics
from dualbus_events.catalogue import TOPICS
from dualbus_events.tasks import HEARTBEAT_TOPIC


async def test_topics_are_created_once_with_their_partitions(kafka_bootstrap: str) -> None:
    everything = (*TOPICS, HEARTBEAT_TOPIC)
    await create_topics(kafka_bootstrap)

    again = await create_topics(kafka_bootstrap)

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    described = await admin.describe_topics([topic.name for topic in everything])
    await admin.close()
    partitions = {topic["topic"]: len(topic["partitions"]) for topic in described}
    assert partitions == {topic.name: topic.partitions for topic in everything}
    assert again == 0


async def test_topics_have_the_catalogues_settings(kafka_bootstrap: str) -> None:
    await create_topics(kafka_bootstrap)

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    topic = TOPICS[0]
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])
    await admin.close()
    settings = {entry[0]: entry[1] for entry in answers[0].resources[0][4]}
    assert topic.config.items() <= settings.items()
