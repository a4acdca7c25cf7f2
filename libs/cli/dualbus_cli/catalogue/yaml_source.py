"""YAML files whose every value knows its line and column."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

Path_ = Sequence[str | int]


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong, and where: line and column count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True)
class Source:
    """A node of a file."""

    file: str
    node: yaml.Node

    def problem(self, message: str) -> Problem:
        mark = self.node.start_mark
        return Problem(self.file, mark.line + 1, mark.column + 1, message)

    def at(self, path: Path_) -> "Source":
        """The node at a path of keys and positions, or the deepest one on the way that exists."""
        source = self
        for step in path:
            inner = source._child(step)
            if inner is None:
                return source
            source = inner
        return source

    def _child(self, step: str | int) -> "Source | None":
        if isinstance(self.node, yaml.MappingNode):
            return next((value for key, value in self.entries() if key.text == str(step)), None)
        if isinstance(self.node, yaml.SequenceNode) and isinstance(step, int):
            items = self.items()
            return items[step] if step < len(items) else None
        return None

    @property
    def text(self) -> str:
        """A scalar as it is written; empty for anything else."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    def entries(self) -> list[tuple["Source", "Source"]]:
        """Keys and values of a mapping, in the order of the file."""
        if not isinstance(self.node, yaml.MappingNode):
            return []
        return [(Source(self.file, k), Source(self.file, v)) for k, v in self.node.value]

    def items(self) -> list["Source"]:
        """The elements of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            return []
        return [Source(self.file, item) for item in self.node.value]

    def value(self) -> object:
        """The plain value. Raises ConstructorError for a tag that is no plain value."""
        constructor = SafeConstructor()
        return constructor.construct_document(self.node)


def read_yaml(path: Path, *, shown_as: str) -> tuple[Source | None, list[Problem]]:
    """The document of a file, None when it is empty, and what can't be read in it."""
    try:
        node = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return None, [Problem(shown_as, line, column, f"not YAML: {error.problem}")]
    except (OSError, ValueError, yaml.YAMLError) as error:
        return None, [Problem(shown_as, 1, 1, f"can't be read: {error}")]
    if node is None:
        return None, []
    source = Source(shown_as, node)
    return source, [*_repeated_keys(source, set()), *_odd_values(source)]


def _repeated_keys(source: Source, visited: set[int]) -> Iterator[Problem]:
    """YAML loaders silently keep the last of two equal keys."""
    if id(source.node) in visited:
        return
    visited.add(id(source.node))
    seen: set[Hashable] = set()
    for key, value in source.entries():
        if key.text in seen:
            yield key.problem(f"{key.text}: this key is here twice")
        seen.add(key.text)
        yield from _repeated_keys(value, visited)
    for item in source.items():
        yield from _repeated_keys(item, visited)


def _odd_values(source: Source) -> Iterator[Problem]:
    try:
        source.value()
    except (ConstructorError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        yield Problem(source.file, line, column, f"no plain value: {error}".splitlines()[0])
