"""The one statement that reads a customer's view."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
import orjson
from dualbus_kit.clock import timestamp
from dualbus_kit.database import Connection

from ods_svc.customer360.parts import USAGE_SPECIFICATION

# Every branch is served by an index; `fact_other_customers` holds only facts of several customers.
# Planning costs four times what reading does. PostgreSQL stops planning anew only where a generic
# plan looks no dearer: hence one customer instead of a list, and the array hidden in a subselect,
# so that its guess of how many match is the same whether it knows the id or not.
_SELECT = """
SELECT f.resource, f.id, f.body, NULL::text AS task_id, NULL::text AS type, NULL::text AS item_id,
       NULL::timestamptz AS sent_at, NULL::timestamptz AS answered_at, NULL::text AS outcome,
       NULL::bytea AS error
FROM fact f WHERE f.customer_id = $1 AND f.resource = ANY($2) AND NOT f.deleted
UNION ALL
SELECT f.resource, f.id, f.body, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fact f
WHERE f.other_customer_ids @> (SELECT ARRAY[$1]) AND f.resource = ANY($2) AND NOT f.deleted
UNION ALL
SELECT p.resource, p.id, p.body, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fact c JOIN fact p ON p.resource IN ('individual', 'organization') AND p.id = c.party_id
WHERE c.resource = 'customer' AND c.id = $1 AND p.resource = ANY($2) AND NOT p.deleted
UNION ALL
SELECT NULL, t.process_id, NULL, t.task_id, t.type, t.item_id, t.sent_at, t.answered_at, t.outcome,
       t.error
FROM fact o JOIN track t ON t.process_id = o.id
WHERE o.resource = 'productOrder' AND o.customer_id = $1 AND 'productOrder' = ANY($2)
"""

# Specifications of usage are nobody's: those that the customer's records name, when asked for.
_USAGE_SPECIFICATIONS = """
SELECT s.id, s.body FROM fact s
WHERE s.resource = 'usageSpecification' AND NOT s.deleted AND s.id IN (
  SELECT convert_from(u.body, 'UTF8')::jsonb #>> '{usageSpecification,id}' FROM fact u
  WHERE u.customer_id = $1 AND u.resource = 'usage' AND NOT u.deleted)
"""


@dataclass
class CustomerFacts:
    """Stored bodies of one customer, by resource and id, and the steps of each order."""

    bodies: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    steps: dict[str, list[asyncpg.Record]] = field(default_factory=lambda: defaultdict(list))

    def of(self, resource: str) -> list[bytes]:
        """In the order of their ids, which is that of their creation (UUIDv7)."""
        by_id = self.bodies.get(resource)
        return [by_id[id_] for id_ in sorted(by_id)] if by_id else []

    def track_of(self, order_id: str) -> bytes:
        """The order's tasks as JSON, in the order in which they were sent."""
        steps = sorted(self.steps.get(order_id, ()), key=_started)
        return orjson.dumps([_step(step) for step in steps])


async def read_facts(
    connection: Connection, customer_id: str, resources: Sequence[str]
) -> CustomerFacts:
    """What is stored of a customer; one round trip, and one for specifications of usage."""
    found = CustomerFacts()
    for row in await connection.fetch(_SELECT, customer_id, resources):
        resource, id_, body = row[0], row[1], row[2]
        if resource is None:
            found.steps[id_].append(row)
        else:
            found.bodies[resource][id_] = body
    if USAGE_SPECIFICATION in resources:
        for id_, body in await connection.fetch(_USAGE_SPECIFICATIONS, customer_id):
            found.bodies[USAGE_SPECIFICATION][id_] = body
    return found


def _started(step: asyncpg.Record) -> tuple[float, str]:
    moment = step["sent_at"] or step["answered_at"]
    return moment.timestamp(), step["type"]


def _step(step: asyncpg.Record) -> dict[str, object]:
    sent, answered = step["sent_at"], step["answered_at"]
    body: dict[str, object] = {"taskId": step["task_id"], "task": step["type"]}
    if step["item_id"] is not None:
        body["itemId"] = step["item_id"]
    body["sent"] = timestamp(sent) if sent else None
    body["answered"] = timestamp(answered) if answered else None
    body["outcome"] = step["outcome"]
    if sent and answered:
        # Sender and answerer have clocks of their own.
        body["milliseconds"] = max(round((answered - sent).total_seconds() * 1000), 0)
    if step["error"] is not None:
        body["error"] = orjson.Fragment(step["error"])
    return body
