"""Asking a service of the running system, or one at a given address; why it refuses."""

from typing import Any, NoReturn

import httpx
import typer

from dualbus_cli.stack import Stack


def ask(
    service: str, method: str, path: str, url: str | None, *, timeout: float, **options: Any
) -> Any:
    """The answer's JSON. Ends the command with one line when there is none, or a refusal."""
    base = url.rstrip("/") if url else Stack.load().url(service)
    try:
        answer = httpx.request(method, f"{base}{path}", timeout=timeout, **options)
    except httpx.TransportError as error:
        _fail(f"{service}-svc can't be reached ({type(error).__name__}). Look: dualbus status")
    if answer.is_error:
        _fail(_detail(service, answer))
    return answer.json()


def _detail(service: str, answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{service}-svc answered {answer.status_code}"


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg=typer.colors.RED, err=True)
    raise typer.Exit(1)
