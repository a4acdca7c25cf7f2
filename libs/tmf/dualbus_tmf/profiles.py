"""What a POST must bring and what the server sets, by TM Forum's conformance profiles and kits."""

from collections.abc import Mapping
from typing import Final

from dualbus_events.tmforum.definition import ResourceDefinition
from dualbus_kit.clock import timestamp_now

from dualbus_tmf.declaration import CATALOG_DEFAULTS, Default

# Only where the profile or the kit asks for something else than the definition's `_Create` schema.
_REQUIRED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("TMF622", "ProductOrder"): ("productOrderItem.id", "productOrderItem.action"),
    ("TMF622", "CancelProductOrder"): ("productOrder.id",),
    ("TMF629", "Customer"): ("name", "engagedParty.id"),
    ("TMF635", "Usage"): ("usageSpecification.id",),
    ("TMF635", "UsageSpecification"): ("name",),
    ("TMF641", "ServiceOrder"): (
        "serviceOrderItem.id",
        "serviceOrderItem.action",
        "serviceOrderItem.service",
    ),
    ("TMF641", "CancelServiceOrder"): ("serviceOrder.id",),
    # A group is of alarms that are here already, so each must be named by its id.
    ("TMF642", "GroupAlarms"): (
        "sourceSystemId",
        "alarmChangedTime",
        "parentAlarm.id",
        "correlatedAlarm.id",
    ),
    ("TMF642", "UnGroupAlarms"): (
        "sourceSystemId",
        "alarmChangedTime",
        "parentAlarm.id",
        "correlatedAlarm.id",
    ),
    ("TMF648", "Quote"): ("quoteItem.id", "quoteItem.action"),
    ("TMF652", "ResourceOrder"): ("orderItem.id", "orderItem.action", "orderItem.resource"),
    ("TMF652", "CancelResourceOrder"): ("resourceOrder.id",),
    ("TMF654", "Bucket"): ("usageType",),
    # The kit names a bucket and an amount; the rest is known of the bucket.
    ("TMF654", "TopupBalance"): ("amount", "bucket"),
    ("TMF654", "ReserveBalance"): ("bucket",),
    ("TMF656", "ProblemAcknowledgement"): ("problem.id",),
    ("TMF656", "ProblemUnacknowledgement"): ("problem.id",),
    ("TMF656", "ProblemGroup"): ("parentProblem.id", "childProblem.id"),
    ("TMF656", "ProblemUngroup"): ("parentProblem.id", "childProblem.id"),
    ("TMF672", "UserRole"): ("entitlement.action", "entitlement.function", "involvementRole"),
    # The kit leaves out interactionDate and status, which the definition demands.
    ("TMF683", "PartyInteraction"): ("channel", "direction", "reason"),
    ("TMF677", "QueryUsageConsumption"): (),
}
_CATALOGUES: Final = frozenset(("TMF620", "TMF633", "TMF634"))
# The profile has it in every price. What is charged needs a type of its own: this one never is.
_OF_ONE: Final[Mapping[tuple[str, str], Mapping[str, Default]]] = {
    ("TMF620", "ProductOfferingPrice"): {"priceType": "unspecified"},
}
_BORN: Final = (
    "creationDate",
    "lastModified",
    "lastUpdate",
    "orderDate",
    "quoteDate",
    "serviceDate",
    "statusChangeDate",
)


def required_of(definition: ResourceDefinition) -> tuple[str, ...]:
    """Attributes that a POST must bring, as dotted paths."""
    schema = definition.schemas.get(f"{definition.name}_Create", {})
    return _REQUIRED.get((definition.api, definition.name), tuple(schema.get("required", ())))


def defaults_of(definition: ResourceDefinition) -> Mapping[str, Default]:
    """What the server sets where a POST leaves it out; moments are those of the creation."""
    moments = {name: timestamp_now for name in _BORN if _is_moment(definition, name)}
    catalogue = CATALOG_DEFAULTS if definition.api in _CATALOGUES else {}
    known = {n: value for n, value in catalogue.items() if n in definition.attributes}
    return {**moments, **known, **_OF_ONE.get((definition.api, definition.name), {})}


def _is_moment(definition: ResourceDefinition, name: str) -> bool:
    return definition.attributes.get(name, {}).get("format") == "date-time"
