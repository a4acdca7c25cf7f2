"""Every event can be registered for at the API of its resource."""

import importlib

import pytest
from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.service import ServiceSpec
from dualbus_tmf.hub.endpoints import apis_of

OWNERS = sorted({topic.owner for topic in FACT_TOPICS})


@pytest.mark.parametrize("owner", OWNERS)
def test_every_topic_of_a_service_has_an_api_with_a_hub(owner: str) -> None:
    spec: ServiceSpec = importlib.import_module(f"{owner}_svc.service").SERVICE

    offered = {topic for topics in apis_of(spec).values() for topic in topics}

    assert offered == {topic.name for topic in FACT_TOPICS if topic.owner == owner}
