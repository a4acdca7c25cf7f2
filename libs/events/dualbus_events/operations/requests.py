"""What the operations' endpoints read from a request."""

from typing import cast

from fastapi import Request

from dualbus_events.unit_of_work import Database

OPERATOR_HEADER = "X-Operator"
_MAX_OPERATOR = 200


def database_of(request: Request) -> Database:
    """The service's database."""
    return cast(Database, request.app.state.service.database)


def operator_of(request: Request) -> str:
    """Who asks: as the `dualbus` command or a console says it, else the address it came from.

    Nothing proves it. What keeps others out of `/ops` is the network.
    """
    named = request.headers.get(OPERATOR_HEADER, "").strip()
    return named[:_MAX_OPERATOR] or (request.client.host if request.client else "unknown")
