"""TMF677 over HTTP: a POST is answered at once, and its answer kept."""

from dualbus_events.contract.usage_consumption import QUERY_USAGE_CONSUMPTION
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import timestamp_now
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object, validated
from dualbus_tmf.declaration import new_document
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import api_of, resource_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from billing_svc import tables
from billing_svc.usage_consumption.criteria import check_asks
from billing_svc.usage_consumption.report import usage_consumption

_RESOURCE = declare_defined(
    QUERY_USAGE_CONSUMPTION,
    table=tables.query_usage_consumption,
    operations=frozenset(("read", "delete")),
    defaults={"queryUsageConsumptionDate": timestamp_now},
    check=check_asks,
)
_DECLARED = _RESOURCE.declaration

router = APIRouter(tags=[api_of(_DECLARED.path)])
router.include_router(_RESOURCE.router)


@router.post(
    _DECLARED.path,
    **openapi.create_operation(
        resource_of(_DECLARED.path), _DECLARED.document, required=_DECLARED.required
    ),
)
async def create_query_usage_consumption(request: Request) -> Response:
    service = service_of(request)
    body = await parse_object(request)

    async def answer(uow: UnitOfWork) -> Response:
        asked = new_document(_DECLARED, body, service.settings).to_dict()
        report = await usage_consumption(uow.connection, asked)
        document = validated(_DECLARED.document, {**asked, "usageConsumption": [report]})
        query = _RESOURCE.aggregate(document)
        query.record(_DECLARED.create)
        uow.add(query)
        return created(query)

    return await answer_once(request, service.database, scope=_DECLARED.path, work=answer)
