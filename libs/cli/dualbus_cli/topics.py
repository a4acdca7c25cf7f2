"""Create the topics of both buses, as the catalogue has them, and our own."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code
from dualbus_events.catalogue import TOPICS
from dualbus_events.contract.event import POSTED_EVENTS
from dualbus_events.hub_registration import HUB
from dualbus_events.tasks import HEARTBEAT_TOPIC

from dualbus_cli.embedded.errors import ServerUnreachable


async def create_topics(bootstrap: str) -> int:
    """Make the missing ones in one request; how many are new.

    Raises ServerUnreachable, or the KafkaError of the first topic that was refused.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
    except KafkaConnectionError as error:
        raise ServerUnreachable(f"No way into Kafka at {bootstrap}: {error}") from error
    try:
        present = set(await admin.list_topics())
        wanted = (*TOPICS, POSTED_EVENTS, HUB, HEARTBEAT_TOPIC)
        missing = [topic for topic in wanted if topic.name not in present]
        if not missing:
            return 0
        brokers = len((await admin.describe_cluster())["brokers"])
        answer = await admin.create_topics(
            [
                NewTopic(
                    name=topic.name,
                    num_partitions=topic.partitions,
                    replication_factor=min(brokers, 3),
                    topic_configs=dict(topic.config),
                )
                for topic in missing
            ]
        )
        for name, code, message in answer.topic_errors:
            refusal = for_code(code)
            # Two commands may create the same topic at once.
            if code != 0 and refusal is not TopicAlreadyExistsError:
                raise refusal(f"{name}: {message}")
        return len(missing)
    finally:
        await admin.close()
