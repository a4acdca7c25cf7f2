"""The command line of an outside program, and the server it runs."""

import argparse
import signal
from types import FrameType

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from outside_program.behaviour import BehaviourSettings

EPILOG = """\
examples:
  python -m {program} --port {port}
  python -m {program} --port {port} --latency-ms 40 --failure-rate 0.05 --seed 7

change it while it runs:
  curl -X PUT localhost:{port}/admin/behaviour -H 'content-type: application/json' \\
       -d '{{"latencyMs": 5, "rules": [{{"match": {{"number": "0311*"}}, "outcome": "fail"}}]}}'
"""


def argument_parser(program: str, *, port: int, description: str) -> argparse.ArgumentParser:
    """Make the parser of the options that every outside program has."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {program}",
        description=description,
        epilog=EPILOG.format(program=program, port=port),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port to listen on (%(default)s)")
    parser.add_argument(
        "--latency-ms", type=float, default=5, help="wait before each answer (%(default)s)"
    )
    parser.add_argument(
        "--failure-rate",
        type=float,
        default=0.0,
        help="share of requests, 0 to 1, that fail in a way worth a retry (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=1, help="makes failures repeatable (1)")
    return parser


def parse_behaviour(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> BehaviourSettings:
    """Take the behaviour to start with; a value out of its range ends the program with usage."""
    try:
        return BehaviourSettings(
            latency_ms=arguments.latency_ms,
            failure_rate=arguments.failure_rate,
            seed=arguments.seed,
        )
    except ValidationError as error:
        first = error.errors()[0]
        parser.error(f"{first['loc'][0]}: {first['msg']}")


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way get five seconds to end."""
    # Uvicorn raises the signal again after a clean stop; without a handler of our own that
    # would end the process as if it had been killed.
    signal.signal(signal.SIGTERM, _stopped)
    signal.signal(signal.SIGINT, _stopped)
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=5,
    )


def _stopped(_signal_number: int, _frame: FrameType | None) -> None:
    return None
