"""What is committed under contract/ and docs/contract is what the code says today."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dualbus_cli.contract.generated import generated_files, stale_files, write_files
from dualbus_cli.places import REPOSITORY

from tests.contract.service_specs import service_documents

LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.timeout(120)
def test_generated_files_are_up_to_date() -> None:
    stale = stale_files(generated_files(service_documents()))

    assert stale == [], "run `.venv/bin/dualbus bus schema write` and commit what it changes"


def test_a_file_that_differs_is_missing_or_is_not_made_any_more_is_stale(tmp_path: Path) -> None:
    files = {f"contract/schemas/{name}.json": "{}\n" for name in ("same", "differs", "missing")}
    write_files({**files, "contract/schemas/gone.json": "{}\n"}, tmp_path)
    (tmp_path / "contract/schemas/differs.json").write_text("edited by hand")
    (tmp_path / "contract/schemas/missing.json").unlink()

    stale = stale_files(files, tmp_path)
    written = write_files(files, tmp_path)

    assert (
        stale == written == [f"contract/schemas/{n}.json" for n in ("differs", "gone", "missing")]
    )
    assert stale_files(files, tmp_path) == []


@pytest.mark.timeout(120)
def test_a_service_prints_its_document_without_settings() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "eai_svc", "asyncapi"],
        check=True,
        env={},
        cwd=REPOSITORY / "services" / "eai-svc",
        capture_output=True,
    )

    assert json.loads(printed.stdout) == service_documents()["eai"]


def test_links_of_every_page_lead_somewhere() -> None:
    for page in REPOSITORY.glob("docs/contract/**/*.md"):
        targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]

        assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_reference_inside_a_document_leads_somewhere() -> None:
    for document in [*service_documents().values(), json.loads(_whole())]:
        for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
            found: Any = document
            for part in reference.split("/"):
                found = found[part]


def _whole() -> str:
    return (REPOSITORY / "contract" / "asyncapi.json").read_text()
