"""How soon an agreement in force promises that trouble is resolved: read from its objectives."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import orjson
from dualbus_events.document import Reference, RelatedParty
from dualbus_kit.database import Connection

_PARAMETERS: Final = frozenset(
    ("meantimetorepair", "timetorepair", "timetoresolve", "timetoresolution", "resolutiontime")
)
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LONGEST_SECONDS: Final = 10 * 366 * 86400

# An agreement names one specification, that some objectives; whichever of them are about repair
# is decided by `resolution_target`.
_FIND = """
SELECT a.id, a.service_id, a.product_id, a.body ->> 'href' AS href, a.body ->> 'name' AS name,
       o.body AS objective
FROM service_level_agreement a
JOIN service_level_specification s ON s.id = a.body #>> '{serviceLevelSpecification,id}'
CROSS JOIN LATERAL jsonb_array_elements(s.body -> 'relatedServiceLevelObjective') named
JOIN service_level_objective o ON o.id = named ->> 'id'
WHERE a.state = 'active'
  AND (a.id = ANY($1::text[]) OR a.service_id = ANY($2::text[]) OR a.product_id = ANY($3::text[]))
ORDER BY a.id, o.id
"""


@dataclass(frozen=True)
class Promise:
    """An agreement in force, and its objective that trouble is resolved within `target`."""

    agreement: Reference
    objective: Reference
    target: timedelta


class Promises:
    """Promises that were found for some tickets: the strictest for each entity."""

    def __init__(self) -> None:
        self._strictest: dict[tuple[str, str], Promise] = {}

    def add(self, promise: Promise, *, service_id: str, product_id: str | None) -> None:
        """Take in a promise that was given on a service, and with it on a product."""
        keys = [("agreement", promise.agreement.id), ("service", service_id)]
        if product_id is not None:
            keys.append(("product", product_id))
        for key in keys:
            known = self._strictest.get(key)
            if known is None or promise.target < known.target:
                self._strictest[key] = promise

    def strictest_for(self, entities: Sequence[RelatedParty] | None) -> Promise | None:
        """The one with the shortest time that covers any of them."""
        keys = ((kind_of(entity) or "", entity.id) for entity in entities or ())
        covering = (promise for key in keys if (promise := self._strictest.get(key)))
        return min(covering, key=lambda promise: promise.target, default=None)


def kind_of(entity: RelatedParty) -> str | None:
    """What a ticket's related entity is, by its type, or its role where a channel leaves it out."""
    text = (entity.referred_type or entity.role or "").casefold()
    if text == "servicelevelagreement":
        return "agreement"
    if text in ("service", "affectedservice"):
        return "service"
    return "product" if text == "product" else None


async def find_promises(
    connection: Connection, entities: Sequence[RelatedParty] | None
) -> Promises:
    """What is promised for these services, products and agreements; one statement, or none."""
    ids: dict[str, list[str]] = {"agreement": [], "service": [], "product": []}
    for entity in entities or ():
        kind = kind_of(entity)
        if kind:
            ids[kind].append(entity.id)
    promises = Promises()
    if not any(ids.values()):
        return promises
    for row in await connection.fetch(_FIND, ids["agreement"], ids["service"], ids["product"]):
        objective = orjson.loads(row["objective"])
        target = resolution_target(objective)
        if target is not None:
            named = _reference(dict(row), "ServiceLevelAgreement")
            promise = Promise(named, _reference(objective, "ServiceLevelObjective"), target)
            promises.add(promise, service_id=row["service_id"], product_id=row["product_id"])
    return promises


def _reference(body: Mapping[str, Any], referred_type: str) -> Reference:
    named = {name: body.get(name) for name in ("id", "href", "name")}
    return Reference.model_validate({**named, "@referredType": referred_type})


def resolution_target(objective: Mapping[str, Any]) -> timedelta | None:
    """The time within which trouble must be resolved; None for an objective about anything else.

    TMF657 has no type for it: it is an objective with comparator `<` or `<=` whose parameter is
    named time to repair or to resolve (spaces and case don't count), in the parameter's `unit`
    (seconds to days), hours where it names none.
    """
    parameter = objective.get("serviceLevelObjectiveParameter") or {}
    name = "".join(str(parameter.get("name")).casefold().replace("-", " ").split())
    if name not in _PARAMETERS or objective.get("conformanceComparator") not in ("<", "<="):
        return None
    unit = str(parameter.get("unit") or "hours").casefold().removesuffix("s")
    try:
        seconds = Decimal(str(objective.get("conformanceTarget"))) * _SECONDS.get(unit, 0)
    except ArithmeticError:
        return None
    if not (seconds.is_finite() and 0 < seconds <= _LONGEST_SECONDS):
        return None
    return timedelta(milliseconds=math.ceil(seconds * 1000))
