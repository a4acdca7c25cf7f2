"""The programs of the system: seven services and two outside systems, with their usual ports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dualbus_cli.places import REPOSITORY


@dataclass(frozen=True, slots=True)
class Program:
    """What `python -m <module>` runs; its folder holds the module."""

    name: str
    module: str
    folder: Path
    port: int
    is_service: bool

    @property
    def exists(self) -> bool:
        return (self.folder / self.module / "__main__.py").exists()

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"

    @property
    def database(self) -> str:
        """The name of its database and of the role that owns it."""
        return self.module

    def variable(self, name: str) -> str:
        """The environment variable of a setting, such as ORDER_PORT."""
        return f"{self.name.upper()}_{name}"


def _service(name: str, port: int) -> Program:
    folder = REPOSITORY / "services" / f"{name}-svc"
    return Program(name, f"{name}_svc", folder, port, is_service=True)


def _outside(name: str, port: int) -> Program:
    return Program(name, name, REPOSITORY / "outside", port, is_service=False)


SERVICES: Final = (
    _service("customer", 8101),
    _service("order", 8102),
    _service("provisioning", 8103),
    _service("billing", 8104),
    _service("assurance", 8105),
    _service("ods", 8106),
    _service("eai", 8107),
)
OUTSIDE: Final = (_outside("network_element", 8121), _outside("vas_platform", 8122))
PROGRAMS: Final = (*OUTSIDE, *SERVICES)

# Which outside system a service talks to, and the setting that tells it where it is.
OUTSIDE_OF: Final = {
    "provisioning": ("network_element", "NETWORK_ELEMENT_URL"),
    "eai": ("vas_platform", "VAS_PLATFORM_URL"),
}


def existing_programs() -> list[Program]:
    """Those whose folder is there; a partial clone runs what it has."""
    return [program for program in PROGRAMS if program.exists]
