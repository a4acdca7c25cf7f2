"""What ods-svc is made of."""

from pathlib import Path

from dualbus_events.batches import ConsumerSpec
from dualbus_events.pace import STEADY
from dualbus_events.service import ServiceSpec

from ods_svc.customer360.endpoints import customer360_router
from ods_svc.metrics import projection_observer
from ods_svc.operations.endpoints import operations_router
from ods_svc.operations.facts import projected_facts_router
from ods_svc.operations.verification import verification_router
from ods_svc.projection.handlers import projection_handlers
from ods_svc.projection.progress import Progress
from ods_svc.rebuild.command import rebuild_command
from ods_svc.settings import OdsSettings
from ods_svc.tables import metadata


def ods_service() -> ServiceSpec:
    """The service; its consumer, its waiting readers and its observer share one Progress."""
    progress = Progress()
    return ServiceSpec(
        name="ods",
        title="Dualbus ODS: customer 360",
        metadata=metadata,
        migrations=Path(__file__).parent / "migrations" / "versions",
        routers=[
            customer360_router(progress),
            operations_router(),
            projected_facts_router(),
            verification_router(),
        ],
        # Every table is guarded by versions, event ids or moments: no inbox is needed.
        consumers=[
            ConsumerSpec(
                "ods-svc.projection", 1, projection_handlers(progress), inbox=False, rest=STEADY
            )
        ],
        settings=OdsSettings,
        observe=projection_observer(progress),
        commands={"rebuild": rebuild_command},
    )


SERVICE = ods_service()
