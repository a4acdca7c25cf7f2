"""The timeline: every event of a customer, once, by its id."""

from collections.abc import Sequence

from dualbus_kit.database import Connection

from ods_svc.projection.facts import ProjectedFact

_INSERT = """
INSERT INTO timeline (customer_id, event_time, event_id, event_type, resource, id, version, name,
                      state, correlation_id)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                     $7::bigint[], $8::text[], $9::text[], $10::text[])
ON CONFLICT DO NOTHING
"""


async def add_to_timeline(connection: Connection, facts: Sequence[ProjectedFact]) -> None:
    """Every event, not only the last version of a resource; one statement for all.

    A snapshot is none: nothing happened to the customer.
    """
    entries = [
        (customer_id, fact)
        for fact in facts
        if not fact.is_snapshot
        for customer_id in fact.customer_ids
    ]
    if not entries:
        return
    # Sorted for the same reason as facts are, and because neighbours share index pages.
    entries.sort(key=lambda entry: (entry[0], entry[1].event_time, entry[1].event_id))
    await connection.execute(
        _INSERT,
        [customer_id for customer_id, _ in entries],
        [fact.event_time for _, fact in entries],
        [fact.event_id for _, fact in entries],
        [fact.event_type for _, fact in entries],
        [fact.resource for _, fact in entries],
        [fact.id for _, fact in entries],
        [fact.version for _, fact in entries],
        [fact.name for _, fact in entries],
        [fact.state for _, fact in entries],
        [fact.correlation_id for _, fact in entries],
    )
