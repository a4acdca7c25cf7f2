"""Verdict files: what one test promised, what was seen, and how to see it again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import orjson

Outcome = Literal["held", "broken", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One run of one test. `number` is the test's in bus.md, 4; empty for others."""

    test: str
    number: str
    fails: str
    promised: str
    outcome: Outcome
    reason: str
    seed: int
    seen: Mapping[str, object]

    def write(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "verdict.json").write_bytes(
            orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n"
        )


def read_verdict(path: Path) -> Verdict:
    return Verdict(**orjson.loads(path.read_bytes()))
