"""Facts: the last version of every resource, whatever the order in which versions arrive."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from dualbus_events.facts import SNAPSHOT
from dualbus_events.messages import Envelope
from dualbus_kit.database import Connection

from ods_svc.projection.resource_bytes import resource_in

# Separates ids on their way into an array of arrays, which unnest can't take apart.
_BETWEEN_IDS = "\x1f"
_NAMES = ("name", "billNo", "description")
_STATES = ("state", "status", "resourceStatus", "lifecycleStatus")


class ProjectedFact(NamedTuple):
    """One event as the projection keeps it."""

    resource: str
    id: str
    version: int
    event_type: str
    event_time: datetime
    deleted: bool
    customer_ids: tuple[str, ...]
    party_id: str | None
    name: str | None
    state: str | None
    body: bytes
    event_id: UUID
    correlation_id: str
    life_since: datetime | None = None
    """When its former life under the same id was deleted, as far as this batch knows."""

    def followed_by(self, later: "ProjectedFact") -> "ProjectedFact":
        """What is left of the two: the rule of the upsert below, for two events of one batch."""
        if self.deleted and later.event_time > self.event_time and not later.is_snapshot:
            return later._replace(life_since=self.event_time)
        if self.life_since is not None and later.event_time <= self.life_since:
            return self
        if (later.version, later.event_time) > (self.version, self.event_time):
            return later._replace(life_since=self.life_since)
        return self

    @property
    def is_snapshot(self) -> bool:
        """Told again by its owner; it did not happen now."""
        return self.event_type.endswith(SNAPSHOT)


def project_fact(envelope: Envelope, resource: str) -> ProjectedFact:
    """Read an event. Raises UnreadableFact, or ValueError for a header that is not what it says."""
    body, parsed = resource_in(envelope.record.value, resource)
    resource_id = envelope.record.key.decode()
    deleted = envelope.event_type.endswith("DeleteEvent")
    return ProjectedFact(
        resource=resource,
        id=resource_id,
        version=envelope.version,
        event_type=envelope.event_type,
        event_time=datetime.fromisoformat(envelope.time),
        deleted=deleted,
        customer_ids=_customers(envelope, resource, resource_id, parsed),
        party_id=(parsed.get("engagedParty") or {}).get("id") if resource == "customer" else None,
        name=_first_text(parsed, _NAMES),
        state=_first_text(parsed, _STATES),
        body=b"" if deleted else body,
        event_id=envelope.event_id,
        correlation_id=envelope.cause.correlation_id,
    )


def _customers(
    envelope: Envelope, resource: str, resource_id: str, parsed: dict[str, Any]
) -> tuple[str, ...]:
    """Whose view shows it: the header's customer, and every related party in that role.

    A trouble ticket or an alarm may concern many customers.
    """
    if resource == "customer":
        return (resource_id,)
    ids = [envelope.customer_id] if envelope.customer_id else []
    for party in parsed.get("relatedParty") or ():
        if str(party.get("role") or "").casefold() == "customer":
            ids.append(party["id"])
    return tuple(dict.fromkeys(ids))


def _first_text(parsed: dict[str, Any], names: Sequence[str]) -> str | None:
    for name in names:
        value = parsed.get(name)
        if value:
            return str(value)[:200]
    return None


def newest(facts: Iterable[ProjectedFact]) -> list[ProjectedFact]:
    """The one fact per resource that is left to apply, in one order for all batches."""
    last: dict[tuple[str, str], ProjectedFact] = {}
    for fact in facts:
        known = last.get((fact.resource, fact.id))
        last[fact.resource, fact.id] = fact if known is None else known.followed_by(fact)
    # Two processes that both apply a key, around a rebalance, must not lock crosswise.
    return [last[key] for key in sorted(last)]


# A deleted resource leaves its row as a tombstone, so that no late event of it revives it. Its
# owner may create one with the same id again, and then counts versions from 1: only such events
# are later than the deletion. `life_since` is when the former life ended: what is older belongs to
# it, whatever its version. Of the same version a later telling counts, so that an owner's snapshot
# mends what went wrong here; but it never revives, for clocks differ and deletions are final.
_UPSERT = """
INSERT INTO fact (resource, id, version, event_type, event_time, deleted, customer_id,
                  other_customer_ids, party_id, state, body, life_since)
SELECT resource, id, version, event_type, event_time, deleted, customer_id,
       string_to_array(others, E'\\x1f'), party_id, state, body, life_since
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::boolean[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::timestamptz[])
  u(resource, id, version, event_type, event_time, deleted, customer_id, others, party_id, state,
    body, life_since)
ON CONFLICT (resource, id) DO UPDATE SET
  version = excluded.version, event_type = excluded.event_type, event_time = excluded.event_time,
  deleted = excluded.deleted, customer_id = excluded.customer_id,
  other_customer_ids = excluded.other_customer_ids, party_id = excluded.party_id,
  state = excluded.state, body = excluded.body, applied_at = clock_timestamp(),
  life_since = greatest(excluded.life_since,
    CASE WHEN fact.deleted AND fact.event_time < excluded.event_time THEN fact.event_time
         ELSE fact.life_since END)
WHERE coalesce(excluded.event_time > fact.life_since, true)
  AND (fact.version < excluded.version
       OR (fact.deleted AND fact.event_time < excluded.event_time
           AND excluded.event_type NOT LIKE '%SnapshotEvent')
       OR (fact.version = excluded.version AND fact.event_time < excluded.event_time
           AND fact.body <> excluded.body)
       OR excluded.life_since >= fact.event_time)
"""


async def upsert_facts(connection: Connection, facts: Sequence[ProjectedFact]) -> None:
    """Keep the newest of what is stored and what is given; one statement for all."""
    rows = newest(facts)
    if not rows:
        return
    await connection.execute(
        _UPSERT,
        [f.resource for f in rows],
        [f.id for f in rows],
        [f.version for f in rows],
        [f.event_type for f in rows],
        [f.event_time for f in rows],
        [f.deleted for f in rows],
        [f.customer_ids[0] if f.customer_ids else None for f in rows],
        [_BETWEEN_IDS.join(f.customer_ids[1:]) or None for f in rows],
        [f.party_id for f in rows],
        [f.state for f in rows],
        [f.body for f in rows],
        [f.life_since for f in rows],
    )
