"""Services, alarms and orders as other systems send them to assurance-svc."""

from typing import Any

from dualbus_events.aggregate import RecordedEvent
from dualbus_events.contract.provisioning import SERVICE, Service, ServiceStateChangeEvent
from dualbus_events.facts import EventType
from dualbus_events.outbox import OutboxMessage, fact_message
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp_now

from tests.harness import Harness

ALARMS = "/tmf-api/alarm/v4/alarm"
TICKETS = "/tmf-api/troubleTicket/v4/troubleTicket"
QUALITY = "/tmf-api/serviceQualityManagement/v4"
SERVICE_FACTS = 1
"""The consumer that reads provisioning's services; tasks are read by the first one, 0."""


def a_service(
    service_id: str, *resource_ids: str, customer: str = "c1", **changes: Any
) -> dict[str, Any]:
    """A service; the customer is not the first party listed."""
    return {
        "id": service_id,
        "href": f"http://provisioning/service/{service_id}",
        "name": f"Line {service_id}",
        "state": "active",
        "supportingResource": [{"id": one} for one in resource_ids],
        "relatedEntity": [{"id": f"p-{service_id}", "role": "product"}],
        "relatedParty": [{"id": "dealer", "role": "seller"}, {"id": customer, "role": "Customer"}],
        **changes,
    }


def service_fact(
    service: dict[str, Any],
    *,
    version: int = 1,
    event_type: EventType[Service] = ServiceStateChangeEvent,
) -> OutboxMessage:
    """A fact of provisioning-svc."""
    body = SERVICE.document.model_validate(service).to_bytes()
    event = RecordedEvent(event_type, version, body, timestamp_now(), Cause("c"))
    return fact_message("provisioning-svc", event, key=service["id"], customer_id=None)


async def services_exist(harness: Harness, *services: dict[str, Any]) -> None:
    await harness.deliver(*map(service_fact, services), consumer=SERVICE_FACTS)


def an_alarm(resource_id: str, **changes: Any) -> dict[str, Any]:
    """What a network system posts."""
    return {
        "alarmType": "equipmentAlarm",
        "alarmRaisedTime": "2026-01-31T09:30:00.000Z",
        "alarmedObject": {"id": resource_id},
        "perceivedSeverity": "major",
        "probableCause": "lossOfSignal",
        "sourceSystemId": "ems-1",
        "state": "raised",
        **changes,
    }


async def raised(harness: Harness, resource_id: str, **changes: Any) -> dict[str, Any]:
    """The alarm after a POST."""
    answer = await harness.client.post(ALARMS, json=an_alarm(resource_id, **changes))
    assert answer.status_code == 201, answer.text
    alarm: dict[str, Any] = answer.json()
    return alarm


async def tickets(harness: Harness) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await harness.client.get(TICKETS)).json()
    return found


def ids_in_role(related: list[dict[str, Any]], role: str) -> list[str]:
    return [one["id"] for one in related if one["role"] == role]
