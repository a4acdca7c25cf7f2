"""npm packages that tests run: installed once per lock file, outside the tree."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from dualbus_cli.embedded.locking import exclusive
from dualbus_cli.places import REPOSITORY

NEEDS_NODE: Final[list[Any]] = [
    # Installing hundreds of packages takes as long as the network does.
    pytest.mark.timeout(300),
    *(
        pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")
        for program in ("node", "npm")
    ),
]
"""For `pytestmark`."""

# No scripts: packages are data here until a test itself runs them.
_INSTALL: Final = "npm ci --ignore-scripts --no-audit --no-fund --prefer-offline"


def installed(source: Path) -> Path:
    """A copy of `source`, which has package.json and package-lock.json, with node_modules."""
    lock = (source / "package-lock.json").read_bytes()
    folder = REPOSITORY / ".local" / "node" / source.name / hashlib.sha256(lock).hexdigest()[:16]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock")):
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            subprocess.run(_INSTALL.split(), check=True, cwd=folder, stdin=subprocess.DEVNULL)
            (folder / "installed").touch()
    return folder
