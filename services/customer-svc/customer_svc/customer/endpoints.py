"""TMF629 over HTTP: reads, PATCH and DELETE as declared, POST in groups."""

from weakref import WeakKeyDictionary

from dualbus_events.group_commit import GroupCommit
from dualbus_events.unit_of_work import Database
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import new_document
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of, resource_of
from dualbus_tmf.idempotency import IdempotencyKeyTaken, hash_of, key_of
from fastapi import APIRouter, Request, Response

from customer_svc.customer.declaration import CUSTOMER_PATH, CUSTOMER_RESOURCE
from customer_svc.customer.use_cases import Registration, register_customers

router = APIRouter()
router.include_router(CUSTOMER_RESOURCE.router)
_declared = CUSTOMER_RESOURCE.declaration
_groups: WeakKeyDictionary[Database, GroupCommit[Registration, Response]] = WeakKeyDictionary()


@router.post(
    CUSTOMER_PATH,
    tags=[api_of(CUSTOMER_PATH)],
    **openapi.create_operation(
        resource_of(CUSTOMER_PATH), _declared.document, required=_declared.required
    ),
)
async def create_customer(request: Request) -> Response:
    """Loading an operator's customers is a burst of POSTs: concurrent ones share a commit."""
    service = service_of(request)
    registration = Registration(
        document=new_document(_declared, await parse_object(request), service.settings),
        key=key_of(request),
        request_hash=hash_of(await request.body()),
    )
    group = _group_of(service.database)
    try:
        return await group.submit(registration)
    except IdempotencyKeyTaken:
        # The other request with this key has committed by now: its answer is found.
        return await group.submit(registration)


def _group_of(database: Database) -> GroupCommit[Registration, Response]:
    if database not in _groups:
        _groups[database] = GroupCommit(database, register_customers)
    return _groups[database]
