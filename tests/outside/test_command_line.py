"""The command line of the outside programs."""

import pytest
from outside_program.server import argument_parser, parse_behaviour


def test_behaviour_is_taken_from_the_command_line() -> None:
    parser = argument_parser("network_element", port=8121, description="A network element")

    arguments = parser.parse_args(["--latency-ms", "40", "--failure-rate", "0.1", "--seed", "7"])

    behaviour = parse_behaviour(parser, arguments)
    assert (arguments.host, arguments.port) == ("127.0.0.1", 8121)
    assert behaviour.latency_ms == 40
    assert behaviour.failure_rate == 0.1
    assert behaviour.seed == 7


def test_rate_above_one_ends_the_program_with_its_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = argument_parser("network_element", port=8121, description="A network element")
    arguments = parser.parse_args(["--failure-rate", "2"])

    with pytest.raises(SystemExit) as stopped:
        parse_behaviour(parser, arguments)

    assert stopped.value.code == 2
    assert "failure_rate: Input should be less than or equal to 1" in capsys.readouterr().err
