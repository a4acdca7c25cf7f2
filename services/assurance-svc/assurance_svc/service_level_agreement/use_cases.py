"""Put agreements on services and end them, for whole lists of order items, and take that back."""

from collections import defaultdict
from collections.abc import Sequence

from dualbus_events.contract.assurance import ServiceLevelAgreement as ServiceLevelAgreementDocument
from dualbus_events.document import Reference, TimePeriod
from dualbus_events.tasks import TaskOutcome, done, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.clock import utc_now
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import href_of

from assurance_svc.service_level_agreement.aggregate import ServiceLevelAgreement
from assurance_svc.service_level_agreement.endpoints import AGREEMENT_PATH
from assurance_svc.service_level_agreement.orders import WatchOrder
from assurance_svc.service_level_agreement.repository import ServiceLevelAgreements
from assurance_svc.service_levels import SPECIFICATION_PATH

_NAMES = "SELECT id, name FROM service_level_specification WHERE id = ANY($1::text[])"


async def watch_services(orders: Sequence[WatchOrder], uow: UnitOfWork) -> list[TaskOutcome]:
    """Put what each offering promises on its service; done with null where it promises nothing.

    A service that already has this agreement keeps it, so that a repeated task adds none; one
    that has another gets the new one in its place.
    """
    promising = [order for order in orders if order.specification_id and order.service]
    names = await _specification_names(promising, uow)
    in_force = await _in_force_by_service(promising, uow)
    return [_watch(order, names, in_force, uow) for order in orders]


def _watch(
    order: WatchOrder,
    names: dict[str, str],
    in_force: dict[str, list[ServiceLevelAgreement]],
    uow: UnitOfWork,
) -> TaskOutcome:
    specification_id, service = order.specification_id, order.service
    if specification_id is None:
        return _agreed(None)
    if service is None:
        return rejected("serviceUnknown", "No service was activated that could be watched")
    if specification_id not in names:
        return rejected(
            "serviceLevelSpecificationUnknown",
            f"Service level specification {specification_id} does not exist",
        )
    present = in_force[service.id]
    kept = next((one for one in present if one.specification_id == specification_id), None)
    if kept is not None:
        return _agreed(kept)
    with caused_by(order.task.cause):
        for other in present:
            other.terminate(at=order.since, order_id=order.task.process_id)
        agreement = _agreement(order, service, specification_id, names[specification_id], uow)
        agreement.put(order_id=order.task.process_id)
    uow.add(agreement)
    in_force[service.id] = [agreement]
    return _agreed(agreement)


def _agreement(
    order: WatchOrder, service: Reference, specification_id: str, name: str, uow: UnitOfWork
) -> ServiceLevelAgreement:
    agreement_id = new_id()
    specification = {
        "id": specification_id,
        "href": href_of(uow, SPECIFICATION_PATH, specification_id),
        "name": name,
        "@referredType": "ServiceLevelSpecification",
    }
    document = ServiceLevelAgreementDocument(
        type_="ServiceLevelAgreement",
        id=agreement_id,
        href=href_of(uow, AGREEMENT_PATH, agreement_id),
        name=name,
        state="active",
        service=service,
        product=order.product,
        service_level_specification=Reference.model_validate(specification),
        agreement_period=TimePeriod(start_date_time=order.since),
        supporting_resource=order.resources or None,
        related_party=[order.customer] if order.customer else [],
    )
    return ServiceLevelAgreement(document)


async def unwatch_services(orders: Sequence[WatchOrder], uow: UnitOfWork) -> list[TaskOutcome]:
    """End what is in force on each item's product, at the time its service ceased."""
    by_product = await _by_product(orders, uow)
    return [_unwatch(order, by_product[_product_id(order)]) for order in orders]


def _unwatch(order: WatchOrder, agreements: Sequence[ServiceLevelAgreement]) -> TaskOutcome:
    ended: ServiceLevelAgreement | None = None
    with caused_by(order.task.cause):
        for agreement in agreements:
            if agreement.active:
                agreement.terminate(at=order.until, order_id=order.task.process_id)
                ended = agreement
    return _agreed(ended)


async def undo_watch(orders: Sequence[WatchOrder], uow: UnitOfWork) -> list[TaskOutcome]:
    """Take back what each order did to its product's agreements, both put and ended.

    What another order put stays. Where nothing was done there is nothing to take back.
    """
    by_product = await _by_product(orders, uow)
    for order in orders:
        order_id = order.task.process_id
        with caused_by(order.task.cause):
            for agreement in by_product[_product_id(order)]:
                if agreement.active and agreement.put_by(order_id):
                    agreement.terminate(at=utc_now(), order_id=order_id)
                elif not agreement.active and _ended_another(agreement, order_id):
                    agreement.restore()
    return [done() for _ in orders]


def _ended_another(agreement: ServiceLevelAgreement, order_id: str) -> bool:
    """An order's own agreement, once taken back, is not brought back by a second undo."""
    return agreement.ended_by(order_id) and not agreement.put_by(order_id)


def _agreed(agreement: ServiceLevelAgreement | None) -> TaskOutcome:
    return done({"serviceLevelAgreement": {"id": agreement.id} if agreement else None})


def _product_id(order: WatchOrder) -> str:
    return order.product.id if order.product else ""


async def _specification_names(orders: Sequence[WatchOrder], uow: UnitOfWork) -> dict[str, str]:
    wanted = {order.specification_id for order in orders}
    if not wanted:
        return {}
    return {row["id"]: row["name"] for row in await uow.connection.fetch(_NAMES, list(wanted))}


async def _in_force_by_service(
    orders: Sequence[WatchOrder], uow: UnitOfWork
) -> dict[str, list[ServiceLevelAgreement]]:
    service_ids = sorted({order.service.id for order in orders if order.service})
    await _see_earlier_tasks(uow)
    found: dict[str, list[ServiceLevelAgreement]] = defaultdict(list)
    for agreement in await uow.find_by(ServiceLevelAgreements, "service_id", service_ids):
        if agreement.active:
            found[agreement.document.service.id].append(agreement)
    return found


async def _by_product(
    orders: Sequence[WatchOrder], uow: UnitOfWork
) -> dict[str, list[ServiceLevelAgreement]]:
    product_ids = sorted({order.product.id for order in orders if order.product})
    await _see_earlier_tasks(uow)
    found: dict[str, list[ServiceLevelAgreement]] = defaultdict(list)
    for agreement in await uow.find_by(ServiceLevelAgreements, "product_id", product_ids):
        if agreement.document.product:
            found[agreement.document.product.id].append(agreement)
    return found


async def _see_earlier_tasks(uow: UnitOfWork) -> None:
    """A task and its undo may come in one batch: the second looks for what the first has added."""
    await uow.flush()
