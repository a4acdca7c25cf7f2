"""TMF657 specifications and objectives: what an offering may promise, without rules of its own."""

from dualbus_events.contract.assurance import (
    SERVICE_LEVEL_OBJECTIVE,
    SERVICE_LEVEL_SPECIFICATION,
    ServiceLevelObjectiveAttributeValueChangeEvent,
    ServiceLevelObjectiveCreateEvent,
    ServiceLevelObjectiveDeleteEvent,
    ServiceLevelSpecificationAttributeValueChangeEvent,
    ServiceLevelSpecificationCreateEvent,
    ServiceLevelSpecificationDeleteEvent,
)
from dualbus_tmf.resource import declare

from assurance_svc import tables

SERVICE_QUALITY_PATH = "/tmf-api/serviceQualityManagement/v4"
SPECIFICATION_PATH = f"{SERVICE_QUALITY_PATH}/serviceLevelSpecification"

SPECIFICATION_RESOURCE = declare(
    SERVICE_LEVEL_SPECIFICATION,
    path=SPECIFICATION_PATH,
    table=tables.service_level_specification,
    create=ServiceLevelSpecificationCreateEvent,
    change=ServiceLevelSpecificationAttributeValueChangeEvent,
    delete=ServiceLevelSpecificationDeleteEvent,
    columns={"name": lambda document: document.name},
    required=["name", "relatedServiceLevelObjective"],
    client_ids=True,
)
OBJECTIVE_RESOURCE = declare(
    SERVICE_LEVEL_OBJECTIVE,
    path=f"{SERVICE_QUALITY_PATH}/serviceLevelObjective",
    table=tables.service_level_objective,
    create=ServiceLevelObjectiveCreateEvent,
    change=ServiceLevelObjectiveAttributeValueChangeEvent,
    delete=ServiceLevelObjectiveDeleteEvent,
    required=["conformanceComparator", "conformanceTarget", "serviceLevelObjectiveParameter"],
    client_ids=True,
)
