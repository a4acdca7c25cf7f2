"""Every rule for every API of a service: one parametrised test per pair."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.conformance import rules_of_bodies as bodies
from tests.conformance import rules_of_changes as changes
from tests.conformance import rules_of_lists as lists
from tests.conformance.case import Case
from tests.conformance.subject import Subject
from tests.harness import Harness

Check = Callable[[Subject], Awaitable[None]]

# Each with the operation that a resource must have for the rule to mean anything.
RULES: Final[dict[str, tuple[str, Check]]] = {
    "operations": ("list", changes.operations),
    "minimal body": ("create", bodies.minimal_body),
    "example": ("create", bodies.example),
    "mandatory attributes": ("create", bodies.mandatory_attributes),
    "full body": ("create", bodies.full_body),
    "wrong types": ("create", bodies.wrong_types),
    "unknown attributes": ("create", bodies.unknown_attributes),
    "extension by @type": ("create", bodies.extension_by_type),
    "kit's attributes": ("list", bodies.kits_attributes),
    "valid answers": ("list", bodies.answers_are_valid),
    "broken bodies": ("create", bodies.broken_bodies),
    "Idempotency-Key": ("create", bodies.idempotency_key),
    "filters": ("list", lists.filters),
    "nested filters": ("list", lists.nested_filters),
    "filters that match nothing": ("list", lists.filters_that_match_nothing),
    "fields": ("list", lists.fields),
    "sort": ("list", lists.sort),
    "pages": ("list", lists.pages),
    "unknown ids": ("retrieve", changes.unknown_ids),
    "merge patch": ("patch", changes.merge_patch),
    "what stays": ("patch", changes.what_stays),
    "unpatchable": ("patch", changes.unpatchable),
    "illegal moves": ("patch", changes.illegal_moves),
    "If-Match": ("retrieve", changes.if_match),
    "delete": ("delete", changes.delete),
    "second path": ("create", changes.second_path),
}


@dataclass
class Suite:
    """The cases of one service, and the service they run on."""

    service: Harness
    subjects: list[Subject]

    @classmethod
    def of(cls, service: Harness, cases: Sequence[Case]) -> "Suite":
        return cls(service, [Subject(case, service) for case in cases])

    async def check(self, api: str, rule: str) -> None:
        """One rule for every resource of one API that it is about."""
        tried = [s for s in self.subjects if s.case.api == api and applies(rule, s.case)]
        assert tried
        for subject in tried:
            await subject.enter()
            await RULES[rule][1](subject)


def applies(rule: str, case: Case) -> bool:
    """Whether a resource has what the rule is about, and is not excused from it."""
    known = {"illegal moves": case.machine, "second path": case.also_at or None}
    return (
        RULES[rule][0] in case.operations
        and rule not in case.not_here
        and known.get(rule, True) is not None
    )


def matrix(cases: Sequence[Case]) -> list[Any]:
    """`("TMF651", "fields")` … for `pytest.mark.parametrize(("api", "rule"), matrix(CASES))`."""
    pairs = dict.fromkeys((c.api, rule) for c in cases for rule in RULES if applies(rule, c))
    return [pytest.param(api, rule, id=f"{api}-{rule}") for api, rule in pairs]
