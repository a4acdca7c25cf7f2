"""What provisioning's services mean here: where an alarm on a resource will look."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dualbus_events.contract.provisioning import SERVICE, Service, ServiceDeleteEvent
from dualbus_events.facts import Fact
from dualbus_events.handlers import Handlers
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import Invalid

from assurance_svc.service_resource.projection import ServiceResources, keep_services

handlers = Handlers()


class UnreadableService(Invalid):
    code = "unreadableService"
    reason = "The fact does not hold a service that can be read"


@handlers.on_topic(SERVICE)
async def services_changed(facts: Sequence[Fact[Service]], uow: UnitOfWork) -> None:
    """Keep the newest of each; what happens twice changes nothing, so no inbox is needed."""
    newest: dict[str, Fact[Service]] = {}
    for fact in facts:
        known = newest.get(fact.key)
        if known is None or known.version < fact.version:
            newest[fact.key] = fact
    await keep_services(uow.connection, [_resources_of(fact) for fact in newest.values()])


def _resources_of(fact: Fact[Service]) -> ServiceResources:
    try:
        service = fact.resource
        gone = fact.event_type == ServiceDeleteEvent.name
        return ServiceResources(
            service_id=fact.key,
            version=fact.version,
            state="terminated" if gone else str(service["state"]),
            name=service.get("name"),
            href=service.get("href"),
            customer_id=_in_role(service.get("relatedParty"), "customer") or fact.customer_id,
            product_id=_in_role(service.get("relatedEntity"), "product"),
            resource_ids=[str(one["id"]) for one in service.get("supportingResource") or []],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableService(f"service {fact.key}: {error!r}") from error


def _in_role(related: Iterable[Mapping[str, Any]] | None, role: str) -> str | None:
    found = (one["id"] for one in related or () if str(one.get("role")).casefold() == role)
    return next(found, None)
