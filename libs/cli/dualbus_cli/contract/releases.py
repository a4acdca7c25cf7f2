"""Released versions of the contract: frozen schemas with sample messages, never changed again."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dualbus_cli.contract.samples import Sample

FOLDER: Final = "contract/releases"
_SCHEMA: Final = ".schema.json"
_SAMPLES: Final = ".samples.jsonl"


@dataclass(frozen=True)
class Release:
    """A minor version of what a topic carries; the topic's name ends with the major."""

    topic: str
    minor: int
    schema: Mapping[str, Any]
    samples: Sequence[Sample]

    @property
    def name(self) -> str:
        return f"{self.topic}.{self.minor}"


def read_releases(root: Path) -> dict[str, list[Release]]:
    """Every released version by topic, the oldest first."""
    found: dict[str, list[Release]] = defaultdict(list)
    for schema in sorted(root.glob(f"{FOLDER}/*/*{_SCHEMA}")):
        minor = int(schema.name.removesuffix(_SCHEMA))
        lines = schema.with_name(f"{minor}{_SAMPLES}").read_text().splitlines()
        samples = [Sample.from_json(line) for line in lines]
        topic = schema.parent.name
        found[topic].append(Release(topic, minor, json.loads(schema.read_text()), samples))
    return {topic: sorted(ones, key=lambda one: one.minor) for topic, ones in found.items()}


def next_releases(
    schemas: Mapping[str, Mapping[str, Any]],
    samples: Mapping[str, Sequence[Sample]],
    released: Mapping[str, Sequence[Release]],
) -> list[Release]:
    """The next minor of every topic whose schema is not that of its newest release."""
    found = []
    for topic, schema in schemas.items():
        versions = released.get(topic, ())
        if not versions or versions[-1].schema != schema:
            minor = versions[-1].minor + 1 if versions else 0
            found.append(Release(topic, minor, schema, samples.get(topic, [])))
    return found


def write_releases(releases: Sequence[Release], root: Path) -> None:
    """Store new versions. Raises FileExistsError for one that is there: they are never changed."""
    for release in releases:
        folder = root / FOLDER / release.topic
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{release.minor}{_SCHEMA}").open("x") as file:
            file.write(json.dumps(release.schema, indent=2, ensure_ascii=False) + "\n")
        with (folder / f"{release.minor}{_SAMPLES}").open("xb") as file:
            file.writelines(sample.to_json() + b"\n" for sample in release.samples)
