"""What the command remembers of the running system: addresses, passwords, processes."""

import secrets

from pydantic import BaseModel, Field

from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.ports import HOST
from dualbus_cli.embedded.state import write_private
from dualbus_cli.places import Places


class RunningProcess(BaseModel):
    """One process of a program; replicas count from 0."""

    program: str
    replica: int
    port: int
    # Of everything it was started with: one started otherwise has to be started anew.
    fingerprint: str
    daemon: Daemon

    @property
    def name(self) -> str:
        return process_name(self.program, self.replica)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def process_name(program: str, replica: int) -> str:
    """The first process has its program's name, the second is `order-2`."""
    return program if replica == 0 else f"{program}-{replica + 1}"


class StackState(BaseModel):
    """Stored as `stack.json`, readable by its owner only: it holds the databases' passwords."""

    dsn: str | None = None
    bootstrap: str | None = None
    replicas: int = 1
    passwords: dict[str, str] = Field(default_factory=dict)
    migrated: dict[str, str] = Field(default_factory=dict)
    ports: dict[str, int] = Field(default_factory=dict)
    processes: dict[str, RunningProcess] = Field(default_factory=dict)

    @classmethod
    def load(cls, places: Places) -> "StackState":
        if not places.stack.exists():
            return cls()
        return cls.model_validate_json(places.stack.read_bytes())

    def save(self, places: Places) -> None:
        places.state.mkdir(parents=True, exist_ok=True)
        write_private(places.stack, self.model_dump_json(indent=1))

    def password(self, role: str) -> str:
        """The role's password, made up when it is first asked for."""
        return self.passwords.setdefault(role, secrets.token_urlsafe(18))
