"""PostgreSQL refuses to run as root: which account it runs as when we are root."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dualbus_cli.embedded.errors import EmbeddedServerUnavailable


@dataclass(frozen=True, slots=True)
class Account:
    """How a program is started; the default is "as ourselves"."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """None keeps our groups; an account of its own gets none of ours."""
        return None if self.uid is None else []

    def own(self, directory: Path) -> None:
        """Give `directory` and all in it to the account (nothing to do when it is ourselves)."""
        owner = self._owner()
        if owner is None or directory.stat().st_uid == owner.pw_uid:
            return
        for path in (directory, *directory.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)

    def _owner(self) -> pwd.struct_passwd | None:
        return None if os.geteuid() != 0 else _unprivileged_account()


def postgres_account(*, binary: Path, directory: Path) -> Account:
    """Ourselves, or for root the account `postgres` (else `nobody`).

    A clone or a virtual environment below a closed directory such as /root can't be entered by
    that account; there it gets the one capability to pass directories, from setpriv(1). The
    permissions of directories that aren't ours are never changed.
    """
    if os.geteuid() != 0:
        return Account()
    found = _unprivileged_account()
    if _enterable(binary) and _enterable(directory):
        return Account(uid=found.pw_uid, gid=found.pw_gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServerUnavailable(
            f"PostgreSQL can't run as root, and the account {found.pw_name} can't enter {directory}"
            f" or {binary.parent}. Run as an ordinary user, clone where others may read, or set"
            " DATABASE_URL to a PostgreSQL of your own."
        )
    capability = "+dac_override"
    return Account(
        prefix=(
            setpriv,
            f"--reuid={found.pw_uid}",
            f"--regid={found.pw_gid}",
            "--clear-groups",
            f"--inh-caps={capability}",
            f"--ambient-caps={capability}",
            "--",
        )
    )


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _enterable(path: Path) -> bool:
    needed = stat.S_IROTH | stat.S_IXOTH
    last = path.stat().st_mode & needed == needed if path.is_file() else True
    return last and all(parent.stat().st_mode & stat.S_IXOTH for parent in _directories(path))


def _directories(path: Path) -> Iterator[Path]:
    return (parent for parent in path.resolve().parents if parent.exists())
