"""Where things are: the clone, and the state of what runs from it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Places:
    """All state of one running system. DUALBUS_STATE_DIR gives a second system its own.

    The second system leaves the usual ports to the first: several may start at the same time.
    """

    state: Path
    usual_ports: bool = True

    @classmethod
    def default(cls) -> "Places":
        named = os.environ.get("DUALBUS_STATE_DIR")
        if named:
            return cls(Path(named).resolve(), usual_ports=False)
        return cls(REPOSITORY / ".local")

    @property
    def servers(self) -> Path:
        return self.state / "servers"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def lock(self) -> Path:
        return self.state / "stack.lock"

    @property
    def stack(self) -> Path:
        return self.state / "stack.json"

    def log_of(self, process: str) -> Path:
        return self.logs / f"{process}.log"
