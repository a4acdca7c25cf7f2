"""Which processes run, on which ports, and told what."""

import socket

import pytest
from dualbus_cli.environment import fingerprint
from dualbus_cli.processes import Launch, plan_launches
from dualbus_cli.programs import OUTSIDE, SERVICES
from dualbus_cli.stack_state import StackState

PROGRAMS = (*OUTSIDE, *SERVICES)


def a_state(*, replicas: int = 1) -> StackState:
    dsn = "postgresql://postgres:secret@127.0.0.1:54320/postgres"
    return StackState(dsn=dsn, bootstrap="127.0.0.1:29092", replicas=replicas)


def by_name(launches: list[Launch]) -> dict[str, Launch]:
    return {launch.name: launch for launch in launches}


def test_every_process_has_a_port_of_its_own() -> None:
    launches = plan_launches(a_state(replicas=3), PROGRAMS)

    ports = [launch.port for launch in launches]
    assert len(set(ports)) == len(ports) == 2 + 3 * 7


def test_outside_systems_are_not_replicated() -> None:
    launches = plan_launches(a_state(replicas=2), OUTSIDE)

    assert [launch.name for launch in launches] == ["network_element", "vas_platform"]


def test_a_taken_port_is_not_replaced_by_the_usual_one_of_another() -> None:
    usual = {program.port for program in PROGRAMS}
    customer = SERVICES[0]
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", customer.port))
            taken.listen()
        except OSError:
            # Somebody else has it already, which serves as well.
            pass

        launch = plan_launches(a_state(), [customer])[0]

    assert launch.port not in usual


def test_a_port_once_found_is_kept() -> None:
    state = a_state()
    first = plan_launches(state, SERVICES)

    second = plan_launches(state, SERVICES)

    assert [launch.port for launch in second] == [launch.port for launch in first]


def test_a_second_system_leaves_the_usual_ports_alone() -> None:
    launches = plan_launches(a_state(), PROGRAMS, usual_ports=False)

    assert not {launch.port for launch in launches} & {program.port for program in PROGRAMS}


def test_replicas_share_the_database_and_the_base_url() -> None:
    launches = by_name(plan_launches(a_state(replicas=2), PROGRAMS))

    first, second = launches["order"].settings, launches["order-2"].settings
    differing = {name for name in first if first[name] != second[name]}
    assert differing == {"ORDER_PORT"}


def test_a_service_is_told_where_its_outside_system_is() -> None:
    launches = by_name(plan_launches(a_state(), PROGRAMS))

    told = launches["eai"].settings["EAI_VAS_PLATFORM_URL"]
    assert told == f"http://127.0.0.1:{launches['vas_platform'].port}"


def test_roles_of_the_environment_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDER_ROLES", "api")

    launches = by_name(plan_launches(a_state(), PROGRAMS))

    assert launches["order"].settings["ORDER_ROLES"] == "api"
    assert launches["billing"].settings["BILLING_ROLES"] == "api,relay,consumer"


def test_a_fingerprint_differs_with_any_setting() -> None:
    told = {"ORDER_PORT": "8102", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:29092"}

    moved = told | {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:29093"}

    assert fingerprint(told, ["python"]) != fingerprint(moved, ["python"])
