"""Ports are found beside those that are taken, promised or remembered."""

import socket

from dualbus_cli.embedded.ports import free_port, is_free


def test_a_port_somebody_listens_on_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]

        port = free_port((taken,))

    assert port != taken


def test_a_port_promised_to_another_is_passed_over() -> None:
    promised = free_port()

    port = free_port((promised,), taken={promised})

    assert port != promised


def test_a_remembered_port_comes_before_the_usual_one() -> None:
    remembered, usual = free_port(), free_port()

    assert free_port((remembered, usual)) == remembered


def test_without_a_preference_any_free_port_will_do() -> None:
    assert is_free(free_port((None,)))
