"""The ODS against the owners: every resource, its version and its whole body."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from dualbus_events.catalogue import FACT_TOPICS

from tests.e2e.ledger import Comparison
from tests.e2e.running_system import RunningSystem

# Both sides as jsonb, whose text is the same for equal documents.
_FACTS: Final = """
SELECT resource || ' ' || id AS id, version || ' ' || md5(convert_from(body, 'utf8')::jsonb::text)
  AS content FROM fact WHERE NOT deleted
"""
_OWNED: Final = "SELECT id, version || ' ' || md5(body::text) AS content FROM {table}"


async def compare_ods(system: RunningSystem) -> Comparison:
    """Expected is each resource once, as its owner has it now."""
    owned = await _owned(system)
    seen = {row["id"]: row["content"] for row in await system.rows("ods", _FACTS)}
    same = {id_: 1 if owned.get(id_, content) == content else 0 for id_, content in seen.items()}
    return Comparison("resource in the ODS", dict.fromkeys(owned, 1), same)


async def _owned(system: RunningSystem) -> Mapping[str, str]:
    topics = defaultdict(list)
    for topic in FACT_TOPICS:
        topics[topic.owner].append(topic)
    return {
        f"{topic.resource} {row['id']}": row["content"]
        for owner, owned in topics.items()
        for topic in owned
        for row in await system.rows(owner, _OWNED.format(table=_table(topic.resource)))
    }


def _table(resource: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", resource).lower()
