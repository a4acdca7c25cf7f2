"""Reads a whole catalogue from files, and finds everything that is wrong with it at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dualbus_cli.catalogue.kinds import KINDS
from dualbus_cli.catalogue.model_check import check_model
from dualbus_cli.catalogue.rules import check_rules
from dualbus_cli.catalogue.yaml_source import Problem, Source, read_yaml


class CatalogueInvalid(ValueError):
    """The files hold no catalogue that could be loaded; the message has a line per problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Entry:
    """One resource of the catalogue, in its normal JSON form."""

    kind: str
    body: dict[str, Any]
    source: Source

    @property
    def id(self) -> str:
        return str(self.body["id"])


@dataclass(frozen=True)
class OpenReference:
    """A reference to something that is not in the files; it may have been loaded before."""

    kind: str
    id: str
    problem: Problem


@dataclass
class CatalogueFiles:
    """What files hold, in the order in which it can be loaded."""

    entries: list[Entry] = field(default_factory=list)
    open_references: list[OpenReference] = field(default_factory=list)


def read_catalogue(paths: Sequence[Path]) -> CatalogueFiles:
    """Read files, and all `*.yaml` of directories. Raises CatalogueInvalid with every problem."""
    problems: list[Problem] = []
    entries: list[Entry] = []
    for path in _files(paths, problems):
        source, unreadable = read_yaml(path, shown_as=_shown(path))
        problems += unreadable
        if source is not None:
            entries += _entries(source, problems)
    _check_ids(entries, problems)
    known = {(entry.kind, entry.id) for entry in entries}
    references = [r for entry in entries for r in _references(entry) if (r.kind, r.id) not in known]
    if problems:
        # What is broken may be what is referred to, so those are reported once the rest is right.
        raise CatalogueInvalid(problems)
    order = list(KINDS)
    entries.sort(key=lambda entry: order.index(entry.kind))
    return CatalogueFiles(_parents_first(entries), references)


def _files(paths: Sequence[Path], problems: list[Problem]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            problems.append(Problem(_shown(path), 1, 1, "no *.yaml in this directory"))
        found.update({file.resolve(): file for file in files})
    return list(found.values())


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _entries(source: Source, problems: list[Problem]) -> list[Entry]:
    if not source.is_mapping:
        problems.append(
            source.problem("a file holds lists by kind, such as productOffering: [...]")
        )
        return []
    entries = []
    for key, value in source.entries():
        kind = KINDS.get(key.text)
        if kind is None:
            problems.append(key.problem(f"{key.text}: none of {', '.join(KINDS)}"))
            continue
        if not value.is_list:
            problems.append(value.problem(f"{key.text}: must be a list"))
        for item in value.items():
            if not item.is_mapping:
                problems.append(item.problem(f"{key.text}: must be attributes with values"))
                continue
            body, wrong = check_model(kind, item)
            if body:
                wrong += check_rules(kind.name, body, item)
                entries.append(Entry(kind.name, body, item))
            problems += wrong
    return entries


def _check_ids(entries: Sequence[Entry], problems: list[Problem]) -> None:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.kind, entry.id), entry)
        if other is not entry:
            where = other.source.problem("")
            problems.append(
                entry.source.at(["id"]).problem(
                    f"{entry.kind} {entry.id}: this id is already at {where.file}:{where.line}"
                )
            )


def _references(entry: Entry) -> list[OpenReference]:
    found = []
    for path, kind in KINDS[entry.kind].references.items():
        attribute, _, inner = path.partition(".")
        value = entry.body.get(attribute)
        if value is None:
            continue
        steps = (
            [(attribute, position, inner) for position in range(len(value))]
            if isinstance(value, list)
            else [(attribute, inner) if inner else (attribute,)]
        )
        for step in steps:
            where = entry.source.at(step)
            id_ = where.text
            message = f"{entry.kind} {entry.id}: {attribute} {id_!r}: there is no such {kind}"
            found.append(OpenReference(kind, id_, where.problem(message)))
    return found


def _parents_first(entries: list[Entry]) -> list[Entry]:
    """Categories after their parents; everything else as it was."""
    parents = {e.id: e.body.get("parentId") for e in entries if e.kind == "category"}

    def depth(entry: Entry) -> int:
        id_, steps = entry.id if entry.kind == "category" else None, 0
        while id_ and steps <= len(parents):
            id_, steps = parents.get(id_), steps + 1
        return steps

    order = list(KINDS)
    return sorted(entries, key=lambda entry: (order.index(entry.kind), depth(entry)))
