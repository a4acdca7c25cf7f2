"""Sub-commands find the system on this machine, or the one that DUALBUS_URL names."""

from pathlib import Path

import pytest
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.places import Places
from dualbus_cli.stack import Stack, StackDown
from dualbus_cli.stack_state import RunningProcess, StackState


def test_without_a_started_system_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackDown, match="dualbus start"):
        Stack.load(Places(tmp_path))


def test_every_service_of_a_system_elsewhere_is_at_its_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUALBUS_URL", "http://localhost:8080/")

    stack = Stack.load(Places(tmp_path))

    assert stack.url("order") == stack.url("billing") == "http://localhost:8080"
    assert stack.operations_url("order") == "http://localhost:8080/order"


def test_on_this_machine_operations_are_where_the_service_is(tmp_path: Path) -> None:
    daemon = Daemon(pid=1, started=0.0)
    process = RunningProcess(program="order", replica=0, port=8102, fingerprint="", daemon=daemon)
    state = StackState(processes={"order": process})
    stack = Stack("", "", tmp_path, state)

    assert stack.operations_url("order") == stack.url("order") == "http://127.0.0.1:8102"


def test_an_outside_program_has_no_path_through_the_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUALBUS_URL", "http://localhost:8080")
    stack = Stack.load(Places(tmp_path))

    with pytest.raises(StackDown, match="network_element"):
        stack.url("network_element")
