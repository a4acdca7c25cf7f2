"""What is posted to a topic reaches its subscribers and Kafka, to the byte, in order, once."""

from tests.eai.hub_world import HUB, SECONDS
from tests.eai.publishing import read_on_kafka
from tests.eai.receiver import Receiver, a_receiver
from tests.eai.test_topics import SOLD, a_topic
from tests.harness import Harness
from tests.waiting import eventually


async def test_posted_events_reach_the_hubs_of_their_topic_and_kafka(
    service: Harness, receiver: Receiver, kafka: str
) -> None:
    topic, other = await a_topic(service), await a_topic(service)
    async with a_receiver() as elsewhere:
        hub = (
            await service.client.post(
                f"{topic}/hub",
                json={"callback": receiver.url, "query": "eventType=TicketSoldEvent"},
            )
        ).json()
        for path in (f"{other}/hub", HUB):
            await service.client.post(path, json={"callback": elsewhere.url})

        lost = {"eventType": "TicketLostEvent"}
        for body in (SOLD, lost, *[SOLD] * 3):
            assert (await service.client.post(f"{topic}/event", json=body)).status_code == 201
        await service.client.post(f"{other}/event", json=SOLD)

        await eventually(lambda: _count(receiver), 4, seconds=SECONDS)
        await eventually(lambda: _sold_to(elsewhere), [_id(other)], seconds=SECONDS)
        records = await read_on_kafka(kafka, "eai.event.v1", [_id(topic)])
        # The hub of all topics gets what our own services state: of a topic, that it came to be.
        assert await _sold_to(elsewhere) == [_id(other)]

    sold = [r for r in records if dict(r.headers)["ce_type"] == b"TicketSoldEvent"]
    assert [one.body for one in receiver.accepted] == [record.value for record in sold]
    assert {one.path for one in receiver.accepted} == {"/listener/ticketSoldEvent"}
    assert [one.headers["ce-sequence"] for one in receiver.accepted] == ["1", "3", "4", "5"]
    assert all(one.signed_with(hub["signingKey"]) for one in receiver.accepted)
    assert len(records) == 5


async def _count(receiver: Receiver) -> int:
    return len(receiver.accepted)


async def _sold_to(receiver: Receiver) -> list[str]:
    """The topics of the tickets that it was told of."""
    return [one.key for one in receiver.accepted if one.path.endswith("/ticketSoldEvent")]


def _id(path: str) -> str:
    return path.rpartition("/")[2]
