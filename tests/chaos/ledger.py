"""`python -m tests.chaos.ledger`: the table in docs/reliability.md, from the verdict files.

Each test's newest verdict is one row, so no count in it was ever typed by hand; a test that runs
with several parameters has a row for each. Rows of tests that left no verdict here stay as they
are.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.chaos.verdicts import Verdict, read_verdict

_ROOT: Final = Path(__file__).resolve().parents[2]
_VERDICTS: Final = _ROOT / ".local" / "chaos"
_DOCUMENT: Final = _ROOT / "docs" / "reliability.md"
_BEGIN: Final = "<!-- ledger: made by python -m tests.chaos.ledger -->\n"
_END: Final = "<!-- end of the ledger -->\n"
_HEAD: Final = (
    "| # | what fails | what is promised | verdict | what was seen | again |\n"
    "|---|---|---|---|---|---|\n"
)


def newest_verdicts(directory: Path) -> list[Verdict]:
    """The newest verdict of each test."""
    paths = sorted(directory.glob("*/verdict.json"), key=lambda path: path.stat().st_mtime)
    newest = {verdict.test: verdict for verdict in map(read_verdict, paths)}
    return list(newest.values())


def with_ledger(document: str, verdicts: Iterable[Verdict]) -> str:
    """The document with these verdicts in its table, in the order of the tests' numbers.

    Raises ValueError when it has no place for a table.
    """
    before, begin, rest = document.partition(_BEGIN)
    table, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError("the document has no place for a ledger")
    rows = [_row(verdict) for verdict in verdicts]
    judged = {_selected_by(row) for row in rows}
    # A test that has parameters now, and had none before.
    judged |= {name.partition("[")[0] for name in judged}
    known = table.removeprefix(_HEAD).splitlines(keepends=True)
    rows += [row for row in known if _selected_by(row) not in judged]
    return f"{before}{_BEGIN}{_HEAD}{''.join(sorted(rows, key=_place))}{_END}{after}"


def _selected_by(row: str) -> str:
    """The name of the test that a row tells of, and its parameters in brackets."""
    return row.rpartition("TEST=")[2].partition(" ")[0].strip("'")


def _place(row: str) -> tuple[bool, int, str]:
    """Tests without a number come last."""
    number = row.split("|", 2)[1].strip()
    return not number, int(number or 0), _selected_by(row)


def _row(verdict: Verdict) -> str:
    outcome: str = verdict.outcome
    if verdict.outcome == "skipped":
        outcome = f"skipped: {verdict.reason}"
    name, _, parameters = verdict.test.rstrip("]").partition("[")
    # Brackets mean something to a shell.
    selecting = f"'{verdict.test}'" if parameters else name
    cells = (
        verdict.number,
        f"{verdict.fails} ({parameters})" if parameters else verdict.fails,
        verdict.promised,
        outcome,
        _seen(verdict.seen),
        f"`make chaos TEST={selecting} SEED={verdict.seed}`",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _seen(seen: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in seen.items())


def main() -> None:
    document = _DOCUMENT.read_text()
    _DOCUMENT.write_text(with_ledger(document, newest_verdicts(_VERDICTS)))


if __name__ == "__main__":
    main()
