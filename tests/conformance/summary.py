"""A line per API at the end of a run: `TMF629 customer: 20 rules, ok`."""

import re
from collections import Counter, defaultdict
from typing import Any

from dualbus_events.tmforum.definition import api_definition

_TEST = re.compile(r"tests/conformance/test_(\w+)_svc\.py::test_\w+\[(TMF\d+)-")


def lines(stats: dict[str, list[Any]]) -> list[str]:
    """From a terminal reporter's reports by outcome."""
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, ()):
            found = _TEST.match(getattr(report, "nodeid", ""))
            if found:
                counted[(found[2], found[1])][outcome] += 1
    return [_line(api, service, counts) for (api, service), counts in sorted(counted.items())]


def _line(api: str, service: str, counts: Counter[str]) -> str:
    bad = {outcome: n for outcome, n in counts.items() if outcome != "passed"}
    verdict = ", ".join(f"{n} {outcome}" for outcome, n in bad.items()) or "ok"
    title = re.sub(r"^API ", "", api_definition(api)["info"]["title"])
    return f"{api} {title} ({service}-svc): {counts.total()} rules, {verdict}"
