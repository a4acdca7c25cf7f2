"""Which table of a service holds the resources of which topic."""

import re
from typing import Any

from sqlalchemy import MetaData

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic
from dualbus_events.repository import Repository


def table_of(resource: str) -> str:
    """The table of a resource is named after it: `productOrder` is in `product_order`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", resource).lower()


def owned_by(
    service: str, metadata: MetaData
) -> dict[str, tuple[FactTopic[Document], type[Repository[Any]]]]:
    """By its name, every topic that a service owns, with the repository of its resources.

    `service` is the short name, `metadata` that of its tables. Raises LookupError for a topic
    whose resources are nowhere.
    """
    topics = [topic for topic in FACT_TOPICS if topic.owner == service]
    repositories = {
        repository.table.name: repository
        for repository in Repository.declared()
        if repository.table.metadata is metadata
    }
    missing = [topic.name for topic in topics if table_of(topic.resource) not in repositories]
    if missing:
        raise LookupError(f"{service}-svc has no repository for {', '.join(missing)}")
    return {topic.name: (topic, repositories[table_of(topic.resource)]) for topic in topics}
