"""Service orders of our own making: for the tasks of orders, and for single services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from dualbus_events.contract.provisioning import ServiceOrder as ServiceOrderDocument
from dualbus_events.contract.provisioning import ServiceOrderItem, ServiceRefOrValue
from dualbus_events.document import RelatedParty
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import Addressed, href_of

from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.repository import PATH

Action = Literal["add", "modify", "delete"]


def started_order(
    services: Sequence[ServiceRefOrValue],
    *,
    action: Action,
    parties: list[RelatedParty] | None,
    addressed: Addressed,
    now: datetime,
    task_id: str | None = None,
) -> ServiceOrder:
    """An order that is worked on from now on, with one item for each service.

    `task_id` is the task of the EAI bus that it carries out, if it does.
    """
    order_id = new_id()
    items = [
        ServiceOrderItem(id=str(position), action=action, state="inProgress", service=service)
        for position, service in enumerate(services, start=1)
    ]
    return ServiceOrder.started(
        ServiceOrderDocument(
            id=order_id,
            href=href_of(addressed, PATH, order_id),
            type_="ServiceOrder",
            state="inProgress",
            order_date=now,
            external_id=task_id,
            related_party=parties,
            service_order_item=items,
        )
    )
