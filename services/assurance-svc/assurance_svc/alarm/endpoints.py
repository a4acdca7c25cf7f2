"""TMF642 over HTTP: network systems raise, change and clear alarms."""

from dualbus_events.contract.assurance import Alarm as AlarmDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from assurance_svc.alarm.aggregate import ALARM_DECLARATION, ALARM_PATH, alarm_document
from assurance_svc.alarm.repository import Alarms
from assurance_svc.alarm.use_cases import raise_alarms, tickets_after_clearing

router = APIRouter(tags=["alarm"])
router.include_router(
    read_router(Alarms, path=ALARM_PATH, indexed={"alarmedObject.id": "alarmed_object_id"})
)


@router.post(
    ALARM_PATH,
    **openapi.create_operation("alarm", AlarmDocument, required=ALARM_DECLARATION.required),
)
async def create_alarm(request: Request) -> Response:
    service = service_of(request)
    body = await parse_object(request)

    async def store(uow: UnitOfWork) -> Response:
        # A new document each time: the work is done again after a rollback.
        [alarm] = await raise_alarms([alarm_document(body, service.settings)], uow)
        return created(alarm)

    return await answer_once(request, service.database, scope=ALARM_PATH, work=store)


@router.patch(ALARM_PATH + "/{id}", **openapi.patch_operation("alarm", AlarmDocument))
async def patch_alarm(request: Request, alarm_id: ResourceId, uow: Uow) -> Response:
    patch = await parse_object(request, media_types=PATCH_TYPES)
    alarm = await load_one(uow, Alarms, alarm_id)
    check_if_match(request, alarm)
    was_open = not alarm.cleared
    alarm.patch(patch)
    if was_open and alarm.cleared:
        await tickets_after_clearing([alarm], uow)
    return changed(alarm)


@router.delete(ALARM_PATH + "/{id}", **openapi.delete_operation("alarm"))
async def delete_alarm(request: Request, alarm_id: ResourceId, uow: Uow) -> Response:
    alarm = await load_one(uow, Alarms, alarm_id)
    check_if_match(request, alarm)
    alarm.delete()
    return Response(status_code=204)
