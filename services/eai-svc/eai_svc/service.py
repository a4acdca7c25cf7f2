"""What eai-svc is made of: a list of adapters, and the webhooks."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.handlers import Handlers
from dualbus_events.service import ServiceSpec

from eai_svc.adapters.vas.registration import VAS
from eai_svc.event.endpoints import router as event_router
from eai_svc.event.retention import EventRetention
from eai_svc.event.topics import store_owners_topics
from eai_svc.hub.handlers import handlers as hub_handlers
from eai_svc.hub.operations import router as hub_operations
from eai_svc.hub.runner import HubRunner
from eai_svc.hub.tables import metadata
from eai_svc.settings import EaiSettings

ADAPTERS = (VAS,)

handlers = Handlers()
for adapter in ADAPTERS:
    adapter.register(handlers)

SERVICE = ServiceSpec(
    name="eai",
    title="Dualbus eai-svc: outside systems as participants, topics, webhooks",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[event_router, hub_operations],
    consumers=[
        ConsumerSpec("eai-svc.participants", 1, handlers),
        ConsumerSpec("eai-svc.hub", 2, hub_handlers),
    ],
    calls=[adapter.call_spec for adapter in ADAPTERS],
    warm_up=[store_owners_topics],
    parts=[HubRunner, EventRetention],
    settings=EaiSettings,
)
