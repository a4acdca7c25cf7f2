"""What a server remembers between starts: its port, its secret and its process."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dualbus_cli.embedded.daemon import Daemon


class ServerState(BaseModel):
    """Stored as `server.json` in the server's directory, readable by its owner only."""

    model_config = ConfigDict(extra="ignore")

    port: int | None = None
    secret: str | None = None
    daemon: Daemon | None = None
    # Where in its log the running server's own lines begin.
    log_offset: int = 0

    @classmethod
    def load(cls, directory: Path) -> "ServerState":
        file = directory / "server.json"
        return cls.model_validate_json(file.read_bytes()) if file.exists() else cls()

    def save(self, directory: Path) -> None:
        write_private(directory / "server.json", self.model_dump_json())


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step, so that a kill leaves the old or the new one; mode 0600."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    scratch.replace(file)
