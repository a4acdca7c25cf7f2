"""The check of compatibility, held against the golden table and against validation itself."""

import pytest
from dualbus_cli.contract.compatibility import breaks_between
from jsonschema import Draft202012Validator

from tests.contract.evolution_cases import CASES, Case, Schema, Verdict

WITNESSED = [case for case in CASES if case.witness is not ...]


def verdict(old: Schema, new: Schema) -> Verdict:
    directions = {found.direction for found in breaks_between(old, new)}
    if len(directions) == 2:
        return "both"
    return next(iter(directions), "compatible")


def allows(schema: Schema, value: object) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_is_judged_as_the_golden_table_says(case: Case) -> None:
    assert verdict(case.old, case.new) == case.verdict, case.why


@pytest.mark.parametrize("case", WITNESSED, ids=lambda case: case.name)
def test_validation_itself_shows_the_break(case: Case) -> None:
    by_old, by_new = allows(case.old, case.witness), allows(case.new, case.witness)

    assert by_old != by_new
    if case.verdict != "both":
        assert by_old is (case.verdict == "backward")


@pytest.mark.parametrize("case", WITNESSED, ids=lambda case: case.name)
def test_the_way_back_breaks_the_other_side(case: Case) -> None:
    there = {found.direction for found in breaks_between(case.old, case.new)}
    back = {found.direction for found in breaks_between(case.new, case.old)}

    # What only our own rule forbids (attributes are only added) has no other side.
    if case.verdict != "both":
        assert {"backward", "forward"} - there <= back


def test_the_golden_table_has_each_case_once_and_both_kinds() -> None:
    names = [case.name for case in CASES]

    assert len(names) == len(set(names)) >= 40
    assert {case.verdict for case in CASES} == {"compatible", "backward", "forward", "both"}


def test_a_break_says_where_what_and_whom_it_harms() -> None:
    old = {"properties": {"state": {"enum": ["held"]}, "item": {"items": {"type": "string"}}}}
    new = {"properties": {"state": {"enum": ["held", "done"]}, "item": {"items": {"minLength": 1}}}}

    assert [str(found) for found in breaks_between(old, new)] == [
        "item[]: may now be array, boolean, fraction, integer, null, object (breaks old readers)",
        "item[]: minLength is 1 now (breaks what was written)",
        'state: may now be "done" (breaks old readers)',
    ]
