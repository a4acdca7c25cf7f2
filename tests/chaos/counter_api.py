"""Counters over HTTP, by the TM Forum kit: what a client may ask for twice."""

from dataclasses import dataclass
from typing import Final

from dualbus_events.repository import document_table
from dualbus_events.unit_of_work import Database
from dualbus_kit.service import Process, create_app
from dualbus_kit.settings import ServiceSettings
from dualbus_tmf.resource import declare
from fastapi import FastAPI
from sqlalchemy import MetaData

from tests.chaos.workload import counter_topic

PATH: Final = "/tmf-api/counting/v4/counter"


@dataclass(frozen=True)
class _State:
    database: Database
    settings: ServiceSettings


def counter_app(database: Database, topic_name: str) -> FastAPI:
    topic = counter_topic(topic_name)
    counters = declare(
        topic,
        path=PATH,
        table=document_table("counter", MetaData()),
        create=topic.event("CounterCreateEvent"),
        operations={"read", "create"},
    )
    settings = ServiceSettings(
        database_url="unused",
        port=80,
        base_url="http://chaos",
        KAFKA_BOOTSTRAP_SERVERS="unused",
    )
    state = _State(database, settings)
    return create_app(Process("counting", settings, [counters.router], parts=(), state=state))
