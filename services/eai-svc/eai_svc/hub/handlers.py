"""Registrations from every service become subscriptions here."""

from collections.abc import Sequence
from datetime import datetime

from dualbus_events.facts import Fact
from dualbus_events.handlers import Handlers
from dualbus_events.hub_registration import Hub, HubCreateEvent, HubDeleteEvent
from dualbus_events.unit_of_work import UnitOfWork

from eai_svc.hub.subscriptions import HUB_SIGNAL, subscribe, unsubscribe

handlers = Handlers()


@handlers.on(HubCreateEvent)
async def hubs_registered(facts: Sequence[Fact[Hub]], uow: UnitOfWork) -> None:
    for fact in facts:
        await subscribe(uow.connection, fact.document, datetime.fromisoformat(fact.time))
    uow.signal(HUB_SIGNAL)


@handlers.on(HubDeleteEvent)
async def hubs_deleted(facts: Sequence[Fact[Hub]], uow: UnitOfWork) -> None:
    await unsubscribe(uow.connection, [fact.key for fact in facts])
    uow.signal(HUB_SIGNAL)
