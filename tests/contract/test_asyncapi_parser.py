"""The official AsyncAPI parser (npm @asyncapi/parser) accepts every document, and no broken one."""

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from dualbus_events.schema.asyncapi import bus_document

from tests.contract.service_specs import service_documents
from tests.node_packages import NEEDS_NODE, installed

SOURCE: Final = Path(__file__).with_name("asyncapi_parser")

pytestmark = NEEDS_NODE


@pytest.fixture(scope="module")
def parser() -> Path:
    """The folder with the installed parser; installed once per package-lock.json."""
    folder = installed(SOURCE)
    shutil.copy(SOURCE / "parse.mjs", folder)
    return folder


def parsed(parser: Path, tmp_path: Path, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    """What the parser says of each document; one start of node for all of them."""
    paths = [tmp_path / f"{number}.json" for number in range(len(documents))]
    for path, document in zip(paths, documents, strict=True):
        path.write_text(json.dumps(document))
    said = subprocess.run(
        ["node", "parse.mjs", *paths], check=True, cwd=parser, capture_output=True, text=True
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_the_parser_accepts_every_document_without_a_complaint(
    parser: Path, tmp_path: Path
) -> None:
    documents = [bus_document(), *service_documents().values()]

    found = parsed(parser, tmp_path, *documents)

    for document, one in zip(documents, found, strict=True):
        assert (one["accepted"], one["complaints"]) == (True, []), document["info"]["title"]
        assert set(one["channels"]) == set(document["channels"])
        assert one["operations"] == len(document["operations"])
        assert one["messages"] >= len(document["channels"])


def test_the_parser_refuses_what_is_broken(parser: Path, tmp_path: Path) -> None:
    """Else its silence about ours would mean nothing."""
    dangling, wrong_action, no_version = (copy.deepcopy(bus_document()) for _ in range(3))
    message = next(iter(dangling["components"]["messages"].values()))
    message["payload"] = {"$ref": "#/components/schemas/Nowhere"}
    next(iter(wrong_action["operations"].values()))["action"] = "publish"
    del no_version["info"]["version"]

    found = parsed(parser, tmp_path, dangling, wrong_action, no_version)

    assert [one["accepted"] for one in found] == [False, False, False]
    assert all(one["complaints"] for one in found)
