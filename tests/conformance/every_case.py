"""The cases of all services. A service's own file is found by its name."""

import importlib
from functools import cache
from pathlib import Path

from tests.conformance.case import Case

_END = "_cases"


@cache
def cases_by_service() -> dict[str, list[Case]]:
    """`{"customer": […]}`, from customer_cases.py and so on."""
    found: dict[str, list[Case]] = {}
    for file in sorted(Path(__file__).parent.glob(f"*{_END}.py")):
        module = importlib.import_module(f"tests.conformance.{file.stem}")
        found[file.stem.removesuffix(_END)] = module.CASES
    return found
