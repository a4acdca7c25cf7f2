"""eai-svc's resources."""

from tests.conformance.case import Body, Case
from tests.harness import Harness


async def _a_topic(service: Harness) -> Body:
    answer = await service.client.post("/tmf-api/event/v4/topic", json={"name": "Ticket sales"})
    return {"topicId": answer.json()["id"]}


CASES = [
    # Queries have a form of their own: tests/eai tries them.
    Case("TMF688", "Topic", fixed=frozenset(("contentQuery", "headerQuery"))),
    # What subscribers are posted to is named after the type.
    Case(
        "TMF688",
        "Event",
        {"eventType": "TicketSoldEvent", "event": {"ticket": {"id": "A1-7"}}},
        inside=_a_topic,
    ),
]
