"""Whether two versions of a schema can be used side by side: FULL compatibility, with reasons.

Backward: what the old version wrote is read by the new one. Forward: what the new one writes is
read by readers of the old one. Structure is compared, not text: names of definitions,
descriptions and order say nothing. Beyond what validation could show, attributes are only ever
added, since a reader may count on the optional ones too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dualbus_cli.contract.schema_nodes import (
    AT_LEAST,
    AT_MOST,
    LIKE_THIS,
    alternatives,
    kinds,
    known_values,
    resolved,
    unknown_keywords,
    values,
)

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """One reason why two versions can't be used side by side."""

    path: str
    direction: Literal["backward", "forward"]
    why: str

    def __str__(self) -> str:
        harmed = "what was written" if self.direction == "backward" else "old readers"
        return f"{self.path or 'the value'}: {self.why} (breaks {harmed})"


def breaks_between(old: Schema, new: Schema) -> list[Break]:
    """What keeps `old` and `new` from being FULL compatible; empty when nothing does."""
    found = _Comparison(old, new).nodes("", old, new)
    return [*dict.fromkeys(found), *_kafka(old.get("x-kafka", {}), new.get("x-kafka", {}))]


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new
        self._under_way: list[tuple[Schema, Schema]] = []

    def nodes(self, path: str, old: Schema | bool, new: Schema | bool) -> Iterator[Break]:
        before, after = resolved(self._old, old), resolved(self._new, new)
        if (before, after) in self._under_way:
            # A resource that holds its own kind: what is inside is being compared already.
            return
        self._under_way.append((before, after))
        lefts, rights = alternatives(self._old, before), alternatives(self._new, after)
        if len(lefts) == len(rights) == 1:
            yield from self._alike(path, lefts[0], rights[0])
        else:
            yield from self._unions(path, lefts, rights)
        self._under_way.pop()

    def _unions(
        self, path: str, before: Sequence[Schema], after: Sequence[Schema]
    ) -> Iterator[Break]:
        """Members have no names: one is still there if a member of the other side is like it."""
        if not all(any(self._same(path, old, new) for new in after) for old in before):
            yield Break(path, "backward", "an alternative was removed or changed")
        if not all(any(self._same(path, old, new) for old in before) for new in after):
            yield Break(path, "forward", "an alternative was added or changed")

    def _same(self, path: str, old: Schema, new: Schema) -> bool:
        return next(self._alike(path, old, new), None) is None

    def _alike(self, path: str, before: Schema, after: Schema) -> Iterator[Break]:
        for rule in (_keywords, _kinds, _values, _bounds, _default):
            yield from rule(path, before, after)
        yield from self._attributes(path, before, after)
        for keyword, inside in (("additionalProperties", "*"), ("items", "[]")):
            if keyword in before or keyword in after:
                old, new = before.get(keyword, True), after.get(keyword, True)
                yield from self.nodes(f"{path}{inside}", old, new)
        yield from self._all_of(path, before.get("allOf", ()), after.get("allOf", ()))

    def _attributes(self, path: str, before: Schema, after: Schema) -> Iterator[Break]:
        old, new = before.get("properties", {}), after.get("properties", {})
        needed, needs = set(before.get("required", ())), set(after.get("required", ()))
        for name in sorted(needs - needed):
            yield Break(_inside(path, name), "backward", "became required")
        for name in sorted(needed - needs):
            yield Break(_inside(path, name), "forward", "is required no longer")
        for name in sorted(old.keys() - new.keys()):
            yield Break(_inside(path, name), "forward", "was removed")
            if not _open(after):
                yield Break(_inside(path, name), "backward", "is refused")
        for name in sorted(new.keys() - old.keys()):
            if not _open(before):
                yield Break(_inside(path, name), "forward", "was added where readers refuse more")
        for name in sorted(old.keys() & new.keys()):
            yield from self.nodes(_inside(path, name), old[name], new[name])

    def _all_of(
        self, path: str, before: Sequence[Schema], after: Sequence[Schema]
    ) -> Iterator[Break]:
        if len(before) != len(after):
            narrows = len(after) > len(before)
            yield Break(path, "backward" if narrows else "forward", "other parts make it up")
            return
        for old, new in zip(before, after, strict=True):
            yield from self.nodes(path, old, new)


def _open(schema: Schema) -> bool:
    """Whether attributes that it does not name may hold anything."""
    return schema.get("additionalProperties", True) in (True, {})


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _keywords(path: str, before: Schema, after: Schema) -> Iterator[Break]:
    for keyword in sorted(unknown_keywords(before) | unknown_keywords(after)):
        if before.get(keyword) != after.get(keyword):
            yield Break(path, "backward", f"the check does not know what {keyword} means")


def _kinds(path: str, before: Schema, after: Schema) -> Iterator[Break]:
    if lost := kinds(before) - kinds(after):
        yield Break(path, "backward", f"may no longer be {_listed(lost)}")
    if gained := kinds(after) - kinds(before):
        yield Break(path, "forward", f"may now be {_listed(gained)}")


def _values(path: str, before: Schema, after: Schema) -> Iterator[Break]:
    old, new = values(before), values(after)
    if new is not None and (old is None or old - new):
        what = _listed(old - new) if old is not None else "any value but those listed"
        yield Break(path, "backward", f"may no longer be {what}")
    if old is not None and (new is None or new - old):
        what = _listed(new - old) if new is not None else "any value"
        yield Break(path, "forward", f"may now be {what}")
    if lost := known_values(before) - known_values(after):
        yield Break(path, "backward", f"no longer names {_listed(lost)}")


def _bounds(path: str, before: Schema, after: Schema) -> Iterator[Break]:
    for keyword in (*AT_LEAST, *AT_MOST, *LIKE_THIS):
        old, new = before.get(keyword), after.get(keyword)
        if old == new:
            continue
        widens = new is None or (old is not None and _wider(keyword, old, new))
        narrows = old is None or (new is not None and not _wider(keyword, old, new))
        if narrows or (keyword in LIKE_THIS and new is not None):
            yield Break(path, "backward", f"{keyword} is {new} now")
        if widens or (keyword in LIKE_THIS and old is not None):
            yield Break(path, "forward", f"{keyword} was {old}")


def _wider(keyword: str, old: Any, new: Any) -> bool:
    if keyword in LIKE_THIS:
        return False
    return bool(new < old) if keyword in AT_LEAST else bool(new > old)


def _default(path: str, before: Schema, after: Schema) -> Iterator[Break]:
    if "default" in before and before["default"] != after.get("default", ...):
        yield Break(path, "backward", "what it means when it is left out has changed")


def _kafka(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Break]:
    """Topic, key, partitions, clean-up policy: order per key and re-reading rest on them."""
    for name in before:
        if before[name] != after.get(name):
            why = f"was {before[name]}, is {after.get(name)}"
            yield Break(f"Kafka's {name}", "forward", why)


def _listed(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names))
