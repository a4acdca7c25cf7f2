"""Places where failure tests let this process die: `BUS_CRASH_AT=<name>[:<n>]`, the n-th pass."""

import os
import signal
from typing import Final

_NAME, _, _PASS = os.environ.get("BUS_CRASH_AT", "").partition(":")
_AT: Final = _NAME
_passes_left = int(_PASS or 1)


def crash_point(name: str) -> None:
    """Die here by SIGKILL, as by a power cut, when the environment names this place."""
    global _passes_left  # noqa: PLW0603 - counts the passes of this process
    if name != _AT:
        return
    _passes_left -= 1
    if _passes_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
