"""The contract of a service over HTTP: its events' schemas, and its AsyncAPI document."""

from collections.abc import Sequence
from typing import Any

from dualbus_kit.errors import NotFound
from fastapi import APIRouter, Request

from dualbus_events.batches import ConsumerSpec
from dualbus_events.catalogue import EVENT_TYPES_BY_SCHEMA
from dualbus_events.outbox import REPLY_SCHEMA, TASK_SCHEMA
from dualbus_events.schema.asyncapi import service_document
from dualbus_events.schema.generator import Schema
from dualbus_events.schema.messages import TaskMessage, TaskReplyMessage
from dualbus_events.schema.values import event_schema, message_schema

_MESSAGES = {TASK_SCHEMA: TaskMessage, REPLY_SCHEMA: TaskReplyMessage}


class UnknownSchema(NotFound):
    code = "unknownSchema"
    reason = "This service publishes no such event"


def published_schema(owner: str, address: str) -> Schema:
    """The schema that `ce_dataschema` names in a message of `owner`. Raises UnknownSchema."""
    if message := _MESSAGES.get(address):
        return message_schema(message, address)
    known = EVENT_TYPES_BY_SCHEMA.get(address)
    if known is None or known.topic.owner != owner:
        raise UnknownSchema(f"{owner}-svc publishes nothing that is described at {address}")
    return event_schema(known)


def schema_router(owner: str) -> APIRouter:
    """`/schemas/<eventType>/<major>` for what `owner` publishes on either bus."""
    router = APIRouter(prefix="/schemas", tags=["events"])

    @router.get("/{event_type}/{major}")
    async def retrieve_schema(event_type: str, major: int) -> dict[str, Any]:
        return published_schema(owner, f"/schemas/{event_type}/{major}")

    return router


def asyncapi_router(owner: str, title: str, consumers: Sequence[ConsumerSpec]) -> APIRouter:
    """`/asyncapi.json`: the topics that this service sends to and receives from."""
    router = APIRouter(tags=["events"])

    @router.get("/asyncapi.json", include_in_schema=False)
    async def retrieve_asyncapi(request: Request) -> dict[str, Any]:
        settings = request.app.state.service.settings
        brokers = settings.kafka_bootstrap_servers.split(",")
        return service_document(owner, title, consumers, brokers=brokers)

    return router
