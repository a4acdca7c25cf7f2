"""docs/apis says what the cases say."""

from tests.conformance.pages import FOLDER, pages


def test_pages_are_up_to_date() -> None:
    held = {file.name: file.read_text() for file in FOLDER.glob("*.md")}

    assert held == pages(), "run python -m tests.conformance.pages"
