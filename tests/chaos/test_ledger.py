"""The ledger takes new verdicts in and leaves the rows of other tests alone."""

import pytest

from tests.chaos.ledger import with_ledger
from tests.chaos.verdicts import Verdict

_EMPTY = (
    "# Reliability\n<!-- ledger: made by python -m tests.chaos.ledger -->\n"
    "<!-- end of the ledger -->\nthe end\n"
)


def a_verdict(test: str, *, number: str = "", seed: int = 1, **seen: object) -> Verdict:
    return Verdict(
        test=test,
        number=number,
        fails="it",
        promised="nothing",
        outcome="held",
        reason="",
        seed=seed,
        seen=seen,
    )


def selected(document: str) -> list[str]:
    return [line.rpartition("TEST=")[2] for line in document.splitlines() if "TEST=" in line]


def test_rows_stand_in_the_order_of_their_numbers_those_without_one_last() -> None:
    verdicts = [
        a_verdict("test_a"),
        a_verdict("test_b", number="10"),
        a_verdict("test_c", number="9"),
    ]

    document = with_ledger(_EMPTY, verdicts)

    assert selected(document) == ["test_c SEED=1` |", "test_b SEED=1` |", "test_a SEED=1` |"]
    assert document.startswith("# Reliability\n")
    assert document.endswith("the end\n")


def test_a_new_verdict_replaces_the_tests_row_and_no_other() -> None:
    before = with_ledger(_EMPTY, [a_verdict("test_a", lost=3), a_verdict("test_b", lost=4)])

    after = with_ledger(before, [a_verdict("test_a", seed=2, lost=0)])

    assert selected(after) == ["test_a SEED=2` |", "test_b SEED=1` |"]
    assert "lost 3" not in after
    assert "lost 4" in after


def test_a_test_has_a_row_for_each_of_its_parameters_in_place_of_the_one_without() -> None:
    before = with_ledger(_EMPTY, [a_verdict("test_a"), a_verdict("test_b[x]", lost=4)])

    after = with_ledger(before, [a_verdict("test_a[x]"), a_verdict("test_a[1-y]")])

    assert selected(after) == [
        "'test_a[1-y]' SEED=1` |",
        "'test_a[x]' SEED=1` |",
        "'test_b[x]' SEED=1` |",
    ]
    assert "| it (1-y) |" in after
    assert "lost 4" in after


def test_a_document_without_a_place_for_the_ledger_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_ledger("# Something else\n", [])
