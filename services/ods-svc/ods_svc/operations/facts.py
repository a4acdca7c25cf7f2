"""`/ops/ods/facts`: what the projection holds of each topic, to be compared with its owner."""

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.checksums import Checksums
from dualbus_events.reconciliation import facts_router
from fastapi import APIRouter

_PARKED = "SELECT DISTINCT key FROM parked_key WHERE topic = $1 AND key = ANY($2)"


def _checksums(resource: str) -> Checksums:
    # The resource is a name of the catalogue's. Tombstones are nothing that the owner has.
    return Checksums(
        "SELECT id, version, convert_from(body, 'UTF8')::jsonb AS body FROM fact "  # noqa: S608
        f"WHERE resource = '{resource}' AND NOT deleted"
    )


def projected_facts_router() -> APIRouter:
    """The same as every owner's `/ops/facts`; ids whose messages are parked are waiting."""
    checksums = {topic.name: _checksums(topic.resource) for topic in FACT_TOPICS}
    return facts_router("/ops/ods/facts", lambda: checksums, waiting=_PARKED, name="ProjectedFact")
