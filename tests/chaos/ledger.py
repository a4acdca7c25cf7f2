"""`python -m tests.chaos.ledger`: the table in docs/reliability.md, from the verdict files.

Each test's newest verdict is one row, so no count in it was ever typed by hand.
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


def ledger_of(verdicts: Iterable[Verdict]) -> str:
    """The rows, in the order of their numbers, those without one last."""
    return _HEAD + "".join(_row(verdict) for verdict in sorted(verdicts, key=_place))


def newest_verdicts(directory: Path) -> list[Verdict]:
    """The newest verdict of each test."""
    paths = sorted(directory.glob("*/verdict.json"), key=lambda path: path.stat().st_mtime)
    newest = {verdict.test: verdict for verdict in map(read_verdict, paths)}
    return list(newest.values())


def with_ledger(document: str, ledger: str) -> str:
    """The document with its table replaced. Raises ValueError when it has no place for one."""
    before, begin, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError("the document has no place for a ledger")
    return f"{before}{_BEGIN}{ledger}{_END}{after}"


def _place(verdict: Verdict) -> tuple[bool, int, str]:
    return not verdict.number, int(verdict.number or 0), verdict.test


def _row(verdict: Verdict) -> str:
    outcome: str = verdict.outcome
    if verdict.outcome == "skipped":
        outcome = f"skipped: {verdict.reason}"
    cells = (
        verdict.number,
        verdict.fails,
        verdict.promised,
        outcome,
        _seen(verdict.seen),
        f"`make chaos TEST={_name(verdict.test)} SEED={verdict.seed}`",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _name(test: str) -> str:
    """What selects the test; the ids of parameters hold spaces, which make does not like."""
    return test.partition("[")[0]


def _seen(seen: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in seen.items())


def main() -> None:
    ledger = ledger_of(newest_verdicts(_VERDICTS))
    _DOCUMENT.write_text(with_ledger(_DOCUMENT.read_text(), ledger))


if __name__ == "__main__":
    main()
