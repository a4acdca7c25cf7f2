"""`dualbus demo`, small: every order, bill and event is as it must be, or it says what is not."""

import json

import pytest

from tests.e2e.running_system import RunningSystem

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def test_the_demo_finds_everything_as_it_must_be(system: RunningSystem) -> None:
    system.dualbus("demo", "--customers", "10")

    figures = json.loads((system.stack.directory / "demo.json").read_text())
    assert figures["wrong"] == []
    assert figures["orders_taken"] == 40
    assert figures["orders_completed"] == 30
    assert (figures["orders_fallout"], figures["orders_cancelled"]) == (5, 5)
    assert (figures["lost"], figures["doubled"]) == (0, 0)
    assert figures["bills"] == 10
    assert figures["bills_total"] == figures["bills_expected"]
    assert figures["subscriber_events"] == figures["events_committed"]
