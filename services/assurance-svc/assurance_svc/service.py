"""What assurance-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.service import ServiceSpec, TimerSpec
from dualbus_tmf.hub.endpoints import with_hubs
from dualbus_tmf.second_base import second_base_router

from assurance_svc.alarm.endpoints import router as alarm_router
from assurance_svc.alarm_task.endpoints import router as alarm_task_router
from assurance_svc.service_level_agreement.endpoints import router as agreement_router
from assurance_svc.service_level_agreement.handlers import handlers as agreement_handlers
from assurance_svc.service_levels import OBJECTIVE_RESOURCE, SPECIFICATION_RESOURCE
from assurance_svc.service_problem.declarations import SERVICE_PROBLEM_RESOURCE
from assurance_svc.service_problem.tasks import router as problem_task_router
from assurance_svc.service_resource.handlers import handlers as service_resource_handlers
from assurance_svc.tables import metadata
from assurance_svc.trouble_ticket.deadlines import KIND, deadlines_passed
from assurance_svc.trouble_ticket.endpoints import router as trouble_ticket_router

SERVICE = ServiceSpec(
    name="assurance",
    title="Dualbus assurance-svc: service levels, alarms, trouble tickets",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=[
        SPECIFICATION_RESOURCE.router,
        OBJECTIVE_RESOURCE.router,
        agreement_router,
        alarm_router,
        alarm_task_router,
        # The definition says alarm; TM Forum's kit, and version 5, alarmManagement.
        second_base_router("/tmf-api/alarmManagement/v4", base="/tmf-api/alarm/v4"),
        SERVICE_PROBLEM_RESOURCE.router,
        problem_task_router,
        trouble_ticket_router,
    ],
    consumers=[
        ConsumerSpec("assurance-svc.service-level-agreement", 1, agreement_handlers),
        ConsumerSpec("assurance-svc.service-resource", 2, service_resource_handlers, inbox=False),
    ],
    timers=[TimerSpec(KIND, deadlines_passed)],
)
SERVICE = with_hubs(SERVICE)
