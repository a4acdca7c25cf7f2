"""Asking the services' `/ops` endpoints, in the name of whoever runs the command."""

import getpass
import socket
from collections.abc import Mapping
from typing import Annotated, Any

import httpx
import typer

from dualbus_cli.programs import SERVICES
from dualbus_cli.stack import Stack, StackDown

_SERVICE_NAMES = ", ".join(program.name for program in SERVICES)
_TIMEOUT_SECONDS = 120

ServiceOption = Annotated[
    str | None, typer.Option("--service", help=f"Only this one of {_SERVICE_NAMES}.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask: for scripts.")]


def urls_of(service: str | None) -> dict[str, str]:
    """Where `/ops` of the running services is, or of one. Raises StackDown for one that is down."""
    names = [program.name for program in SERVICES if service in (None, program.name)]
    if not names:
        raise typer.BadParameter(f"{service!r} is none of {_SERVICE_NAMES}")
    stack, urls = Stack.load(), {}
    for name in names:
        try:
            urls[name] = stack.operations_url(name)
        except StackDown:
            if service is not None:
                raise
    return urls


def url_of_group(group: str) -> str:
    """That of the service that a consumer group is of: its name begins with the service's."""
    service, found, _ = group.partition("-svc")
    if not found:
        raise typer.BadParameter(f"{group!r} is no consumer group of a service")
    return urls_of(service)[service]


def get(url: str, **query: Any) -> Any:
    """The answer's JSON. Ends the command with a service's own words when it refuses."""
    return _answer(httpx.get(url, params=_given(query), timeout=_TIMEOUT_SECONDS))


def post(url: str, body: Mapping[str, Any]) -> Any:
    """The answer's JSON, or None for 404: other services may have what this one has not."""
    answer = httpx.post(url, json=body, headers=operator_headers(), timeout=_TIMEOUT_SECONDS)
    return None if answer.status_code == 404 else _answer(answer)


def operator_headers() -> dict[str, str]:
    """Who acts, for the audit log."""
    return {"X-Operator": f"{getpass.getuser()}@{socket.gethostname()}"}


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the person says so; without one to ask, `--yes` is needed."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def fail(message: str) -> typer.Exit:
    """Say what is wrong; raise what this returns."""
    typer.secho(message, fg=typer.colors.RED, err=True)
    return typer.Exit(1)


def refusal(answer: httpx.Response) -> str:
    """Why a service refused, in its own words."""
    try:
        problem = answer.json()
        return f"{problem['reason']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} answered {answer.status_code}"


def _answer(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise fail(refusal(answer))
    return answer.json()


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
