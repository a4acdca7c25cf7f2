"""Whether someone is changing a single service already."""

from collections.abc import Collection

from dualbus_events.unit_of_work import UnitOfWork

from provisioning_svc.service_activation.monitor import MONITOR
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_order.repository import orders_in_work


async def changes_in_work(services: Collection[Service], uow: UnitOfWork) -> dict[str, str]:
    """What is changing them, for people, by service id: a request (TMF640) or an order (TMF641).

    Both lock the service before they begin, so with its lock held none begins meanwhile.
    """
    if not services:
        return {}
    ordered = {id_: one.id for one in services for id_ in one.service_order_ids}
    in_work = await orders_in_work(uow.connection, list(ordered))
    found = {ordered[id_]: f"service order {id_} is in work" for id_ in sorted(in_work)}
    for monitor in await uow.find_by(
        MONITOR.repository, "service_id", [service.id for service in services]
    ):
        if monitor.document.state == "InProgress":
            found[monitor.document.service.id] = f"monitor {monitor.id} is in progress"
    return found
