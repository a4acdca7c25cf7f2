"""The generated files of the contract: what they say, and whether they are up to date."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dualbus_events.catalogue import TOPICS, event_types_of
from dualbus_events.schema.asyncapi import bus_document
from dualbus_events.schema.operations import Topic
from dualbus_events.schema.values import headers_schema, topic_schema

from dualbus_cli.contract.pages import service_page, topic_page
from dualbus_cli.contract.samples import Sample, samples_of
from dualbus_cli.places import REPOSITORY

# Folders that hold nothing but generated files: what is not made any more is removed from them.
_FOLDERS: Final = ("contract/schemas", "docs/contract/topics", "docs/contract/services")
_ASYNCAPI: Final = "contract/asyncapi.json"


HEADERS: Final = "headers"
"""Beside the topics' names: what the headers of every message are."""


def current_schemas() -> dict[str, dict[str, Any]]:
    """Today's schemas of all values by topic, and that of all headers."""
    return {HEADERS: headers_schema(), **{topic.name: schema_of(topic) for topic in TOPICS}}


def schema_of(topic: Topic) -> dict[str, Any]:
    return topic_schema(topic, [event_type.name for event_type in event_types_of(topic)])


def current_samples() -> dict[str, list[Sample]]:
    """Today's samples by topic."""
    return {topic.name: samples_of(topic) for topic in TOPICS}


def generated_files(services: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Path in the repository → text; `services` are the services' AsyncAPI documents by name."""
    files = {_ASYNCAPI: as_text(bus_document())}
    for name, schema in current_schemas().items():
        files[f"contract/schemas/{name}.json"] = as_text(schema)
    for topic in TOPICS:
        files[f"docs/contract/topics/{topic.name}.md"] = topic_page(topic, services)
    for name, document in services.items():
        files[f"docs/contract/services/{name}-svc.md"] = service_page(document)
    return files


def stale_files(files: Mapping[str, str], root: Path = REPOSITORY) -> list[str]:
    """Paths whose file is missing, differs, or should not be there."""
    present = {
        str(path.relative_to(root)): path.read_text()
        for path in [root / _ASYNCAPI, *(p for one in _FOLDERS for p in (root / one).glob("*"))]
        if path.exists()
    }
    return sorted(path for path in {*files, *present} if files.get(path) != present.get(path))


def write_files(files: Mapping[str, str], root: Path = REPOSITORY) -> list[str]:
    """Make the files be as given; the paths that changed."""
    changed = stale_files(files, root)
    for path in changed:
        if path not in files:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path])
    return changed


def as_text(document: Mapping[str, Any]) -> str:
    """JSON for people and for diffs."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
