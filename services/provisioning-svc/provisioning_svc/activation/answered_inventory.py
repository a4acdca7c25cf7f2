"""What a batch of the network's answers concerns, and what the inventory makes of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dualbus_events.calls import Answer, Call, NewCall
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import ServiceRefOrValue
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf.declaration import DeclaredAggregate

from provisioning_svc.cancel_service_order.declaration import CANCEL_SERVICE_ORDER
from provisioning_svc.resource.aggregate import Resource
from provisioning_svc.resource.repository import Resources
from provisioning_svc.service_activation.monitor import MONITOR
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_inventory.repository import Services
from provisioning_svc.service_order.aggregate import ServiceOrder


@dataclass
class AnsweredInventory:
    """What the orders of a batch of answers concern, locked and loaded."""

    uow: UnitOfWork
    services: dict[str, Service]
    held: dict[str, list[Resource]]
    """Resources by the service that holds them; loaded only for services that end."""
    cancellations: Mapping[str, DeclaredAggregate]
    """TMF641's tasks, by id, which is the id of their calls."""
    monitors: Mapping[str, DeclaredAggregate]
    """TMF640's, by id, which is the id of their calls too."""
    calls: list[NewCall] = field(default_factory=list)

    def end_services(self, service_ids: Iterable[str], now: datetime) -> None:
        """Terminate services and give back what they, and only they, hold."""
        for service_id in service_ids:
            service = self.services.get(service_id)
            if service is not None and not service.terminated:
                service.terminate(now)
            for resource in self.held.pop(service_id, []):
                resource.give_back()


async def inventory_of(
    answered: Sequence[tuple[Call, Answer]],
    orders: Mapping[str, ServiceOrder],
    uow: UnitOfWork,
    *,
    ending: Collection[str],
    cancelling: Collection[str],
    configuring: Collection[str],
) -> AnsweredInventory:
    """Load it, one statement a table. The purposes of calls: which of them, once done, end
    services, which cancel orders, which configure single services."""
    service_ids = sorted({id_ for order in orders.values() for id_ in order.service_ids})
    ended = [
        orders[call.request["serviceOrderId"]]
        for call, answer in answered
        if call.request["purpose"] in ending and answer.body["outcome"] == "done"
    ]
    return AnsweredInventory(
        uow,
        await uow.find(Services, service_ids),
        await _held_by(uow, ended),
        await uow.find(CANCEL_SERVICE_ORDER.repository, _ids_of(answered, cancelling)),
        await uow.find(MONITOR.repository, _ids_of(answered, configuring)),
    )


def enter_services(
    designed: Iterable[ServiceRefOrValue],
    order: ServiceOrder,
    *,
    uow: UnitOfWork,
    known: dict[str, Service],
    at: datetime,
) -> None:
    """They are active since `at`. Those that are `known` were so after an earlier try."""
    for one in designed:
        if one.id and one.id not in known:
            service = Service.entered(_active_service(one, order, at))
            known[service.id] = service
            uow.add(service)


def _ids_of(answered: Sequence[tuple[Call, Answer]], purposes: Collection[str]) -> list[str]:
    return [call.call_id for call, _ in answered if call.request["purpose"] in purposes]


async def _held_by(uow: UnitOfWork, orders: Sequence[ServiceOrder]) -> dict[str, list[Resource]]:
    service_ids = sorted({id_ for order in orders for id_ in order.service_ids})
    held: dict[str, list[Resource]] = {}
    for resource in await uow.find_by(Resources, "service_id", service_ids):
        for entity in resource.document.related_entity or []:
            held.setdefault(entity.id, []).append(resource)
    return held


def _active_service(
    designed: ServiceRefOrValue, order: ServiceOrder, at: datetime
) -> ServiceDocument:
    return ServiceDocument(
        id=str(designed.id),
        href=designed.href,
        type_="Service",
        name=designed.name,
        state="active",
        service_date=order.document.order_date,
        start_date=at,
        service_specification=designed.service_specification,
        service_characteristic=designed.service_characteristic,
        supporting_resource=designed.supporting_resource,
        related_entity=designed.related_entity,
        related_party=order.customer,
    )
