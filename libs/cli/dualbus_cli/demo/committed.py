"""What the owners committed: the version of every resource, read from their own tables."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

import asyncpg
from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.owned import table_of
from dualbus_events.tasks import HEARTBEAT_TOPIC

Versions = Mapping[tuple[str, str], int]
"""By topic and resource id: the version, which is the number of events committed for it."""

_OUTBOX: Final = "SELECT count(*) FROM outbox WHERE topic <> $1"


async def committed_versions(database_url: Callable[[str], str]) -> Versions:
    """All resources of all owners; `database_url` is of a service by its short name."""
    versions: dict[tuple[str, str], int] = {}
    by_owner = defaultdict(list)
    for topic in FACT_TOPICS:
        by_owner[topic.owner].append(topic)
    for owner, topics in by_owner.items():
        connection = await asyncpg.connect(database_url(owner))
        try:
            for topic in topics:
                statement = f"SELECT id, version FROM {table_of(topic.resource)}"  # noqa: S608 - own names
                for row in await connection.fetch(statement):
                    versions[(topic.name, row["id"])] = row["version"]
        finally:
            await connection.close()
    return versions


async def unpublished(database_url: Callable[[str], str]) -> int:
    """Rows that wait in the outboxes of all services; heartbeats never end."""
    waiting = 0
    for owner in {topic.owner for topic in FACT_TOPICS}:
        connection = await asyncpg.connect(database_url(owner))
        try:
            waiting += await connection.fetchval(_OUTBOX, HEARTBEAT_TOPIC.name)
        finally:
            await connection.close()
    return waiting


def committed_between(before: Versions, after: Versions) -> dict[tuple[str, str], range]:
    """The versions that came to be between two readings, by topic and resource id."""
    return {
        key: range(before.get(key, 0) + 1, version + 1)
        for key, version in after.items()
        if version > before.get(key, 0)
    }
