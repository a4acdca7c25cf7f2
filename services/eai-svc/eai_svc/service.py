"""What eai-svc is made of: a list of adapters."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.handlers import Handlers
from dualbus_events.service import ServiceSpec
from sqlalchemy import MetaData

from eai_svc.adapters.vas.registration import VAS
from eai_svc.settings import EaiSettings

ADAPTERS = (VAS,)

handlers = Handlers()
for adapter in ADAPTERS:
    adapter.register(handlers)

SERVICE = ServiceSpec(
    name="eai",
    title="Dualbus eai-svc: outside systems as participants",
    metadata=MetaData(),
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[],
    consumers=[ConsumerSpec("eai-svc.participants", 1, handlers)],
    calls=[adapter.call_spec for adapter in ADAPTERS],
    settings=EaiSettings,
)
