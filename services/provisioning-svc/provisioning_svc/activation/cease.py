"""Cease products: end the services that realize them, and no other."""

from collections.abc import Sequence

from dualbus_events.calls import NewCall, write_calls
from dualbus_events.contract.provisioning import ServiceRefOrValue
from dualbus_events.tasks import Task, TaskOutcome, done, failed, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.clock import timestamp, utc_now

from provisioning_svc.activation.operations import deactivate_operations
from provisioning_svc.activation.outcomes import cease_result
from provisioning_svc.activation.requests import MalformedTask, ProductRequest, read_request
from provisioning_svc.element.calls import element_call
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_inventory.repository import Services
from provisioning_svc.service_order.starting import started_order


async def cease_products(tasks: Sequence[Task], uow: UnitOfWork) -> list[TaskOutcome | None]:
    """One service order for each task; the answer comes with the network's."""
    await uow.flush()
    requests: dict[str, ProductRequest] = {}
    outcomes: dict[str, TaskOutcome | None] = {}
    for task in tasks:
        try:
            requests[task.task_id] = read_request(task)
        except MalformedTask as error:
            outcomes[task.task_id] = failed(error.code, str(error))
    products = [request.product_id for request in requests.values()]
    services: dict[str, list[Service]] = {}
    for service in await uow.find_by(Services, "product_id", products):
        for entity in service.document.related_entity or []:
            services.setdefault(entity.id, []).append(service)
    calls: list[NewCall] = []
    for task_id, request in requests.items():
        with caused_by(request.task.cause):
            found = services.get(request.product_id, [])
            outcomes[task_id] = _start(request, found, calls, uow)
    await write_calls(uow, calls)
    return [outcomes[task.task_id] for task in tasks]


def _start(
    request: ProductRequest, services: Sequence[Service], calls: list[NewCall], uow: UnitOfWork
) -> TaskOutcome | None:
    """Order the end of a product's services. One that has ended is not ended again."""
    running = [service for service in services if not service.terminated]
    if not services:
        return rejected("serviceUnknown", f"No service realizes product {request.product_id}")
    if not running:
        ended = max(service.document.end_date or utc_now() for service in services)
        return done(cease_result([one.document for one in services], timestamp(ended)))
    designed = [_reference(service) for service in running]
    order = started_order(
        designed,
        action="delete",
        parties=request.customer,
        addressed=uow,
        now=utc_now(),
        task_id=request.task.task_id,
    )
    uow.add(order)
    calls.append(
        element_call(
            purpose="cease",
            key=request.product_id,
            call_id=request.task.task_id,
            service_order_id=order.id,
            deadline=request.task.deadline,
            operations=deactivate_operations(designed),
        )
    )
    return None


def _reference(service: Service) -> ServiceRefOrValue:
    document = service.document
    return ServiceRefOrValue(
        id=document.id,
        href=document.href,
        name=document.name,
        service_specification=document.service_specification,
        supporting_resource=document.supporting_resource,
        related_entity=document.related_entity,
    )
