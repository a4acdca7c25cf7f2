"""Where concurrent POSTs meet: one group commit per database of this process."""

from dataclasses import replace
from weakref import WeakKeyDictionary

from dualbus_events.group_commit import GroupCommit
from dualbus_events.unit_of_work import Database
from dualbus_kit.errors import DomainError
from fastapi import Response

from order_svc.product_order.use_cases import PlaceRequest, place_product_orders

_Desk = GroupCommit[PlaceRequest, Response | DomainError]
_desks: WeakKeyDictionary[Database, _Desk] = WeakKeyDictionary()


async def place_product_order(database: Database, request: PlaceRequest) -> Response:
    """Take an order together with whatever else waits; raises what is wrong with this one."""
    desk = _desks.get(database)
    if desk is None:
        desk = _desks[database] = GroupCommit(database, place_product_orders)
    try:
        return _told(await desk.submit(request))
    except DomainError:
        if request.idempotency_key is None:
            raise
        # Maybe because the order was taken before under this key: then it is answered as it was.
        return _told(await desk.submit(replace(request, look_up=True)))


def _told(answer: Response | DomainError) -> Response:
    if isinstance(answer, DomainError):
        raise answer
    return answer
