"""Idempotency-Key: one POST, however often it is sent, has one effect and one answer."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import orjson
from dualbus_events.unit_of_work import Database, UnitOfWork
from dualbus_events.writes import Write
from dualbus_kit.database import Connection
from dualbus_kit.errors import Conflict, Invalid, Superseded
from fastapi import Request, Response

from dualbus_tmf.media_types import JSON

_MAX_KEY = 255
_KEPT_HEADERS = ("Location", "ETag", "X-Consistency-Token")
_STORE = """
INSERT INTO idempotency_key (scope, key, request_hash, status, headers, body)
SELECT $1::text, * FROM unnest($2::text[], $3::bytea[], $4::smallint[], $5::jsonb[], $6::bytea[])
WHERE :earlier ON CONFLICT DO NOTHING
"""


class IdempotencyKeyReused(Conflict):
    code = "idempotencyKeyReused"
    reason = "This Idempotency-Key was used before, with another body"


class IdempotencyKeyTaken(Superseded):
    code = "idempotencyKeyTaken"
    reason = "A request with this Idempotency-Key is being answered; try again"


class InvalidIdempotencyKey(Invalid):
    code = "invalidIdempotencyKey"
    reason = "The Idempotency-Key is not valid"


@dataclass(frozen=True, slots=True)
class Answer:
    """The first answer to a key, as stored and as given again."""

    key: str
    request_hash: bytes
    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, response: Response, *, key: str, request_hash: bytes) -> "Answer":
        headers = {n: response.headers[n] for n in _KEPT_HEADERS if n in response.headers}
        return cls(key, request_hash, response.status_code, headers, bytes(response.body))

    def replay(self, request_hash: bytes) -> Response:
        """The first answer again. Raises IdempotencyKeyReused (409) for another body."""
        if request_hash != self.request_hash:
            raise IdempotencyKeyReused(
                f"Idempotency-Key {self.key!r} belongs to a request with another body"
            )
        return Response(
            self.body,
            status_code=self.status,
            media_type=JSON,
            headers={**self.headers, "Idempotent-Replayed": "true"},
        )


def key_of(request: Request) -> str | None:
    """The client's key, or None. Raises InvalidIdempotencyKey for an empty or endless one."""
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= _MAX_KEY and key.isprintable()):
        raise InvalidIdempotencyKey(f"Idempotency-Key: 1 to {_MAX_KEY} printable characters")
    return key


def hash_of(body: bytes) -> bytes:
    """What says whether two requests are the same one: their bytes, not their meaning."""
    return hashlib.sha256(body).digest()


async def find(connection: Connection, scope: str, keys: Sequence[str]) -> dict[str, Answer]:
    """The answers already given to keys of one scope (the path of the POST), by key."""
    rows = await connection.fetch(
        "SELECT key, request_hash, status, headers, body FROM idempotency_key "
        "WHERE scope = $1 AND key = ANY($2::text[])",
        scope,
        list(keys),
    )
    return {
        row["key"]: Answer(
            row["key"],
            row["request_hash"],
            row["status"],
            orjson.loads(row["headers"]),
            row["body"],
        )
        for row in rows
    }


def store(uow: UnitOfWork, scope: str, answers: Sequence[Answer]) -> None:
    """Claim the keys, in the transaction of what the answers tell of.

    At its flush, a concurrent request with one of the keys waits for the first one's commit. That
    raises IdempotencyKeyTaken when any key is taken, or twice in `answers`: `find` again.
    """
    # In key order, so that two groups that share keys never wait for each other.
    ordered = sorted(answers, key=lambda answer: answer.key)
    arguments = (
        scope,
        [answer.key for answer in ordered],
        [answer.request_hash for answer in ordered],
        [answer.status for answer in ordered],
        [orjson.dumps(answer.headers) for answer in ordered],
        [answer.body for answer in ordered],
    )
    taken = f"{scope}: one of {', '.join(answer.key for answer in ordered[:5])}"
    uow.write(Write(_STORE, arguments, len(ordered), partial(IdempotencyKeyTaken, taken)))


async def answer_once(
    request: Request,
    database: Database,
    *,
    scope: str,
    work: Callable[[UnitOfWork], Awaitable[Response]],
) -> Response:
    """Do `work` in a unit of work of its own, once per Idempotency-Key (each time without one).

    `work` may be called a second time, after a rollback. What raises is not remembered: nothing
    happened, so the same key may be tried again.
    """
    key = key_of(request)
    if key is None:
        async with database.unit_of_work() as uow:
            return await work(uow)
    request_hash = hash_of(await request.body())
    try:
        return await _answer(database, scope, key, request_hash, work)
    except IdempotencyKeyTaken:
        return await _answer(database, scope, key, request_hash, work)


async def _answer(
    database: Database,
    scope: str,
    key: str,
    request_hash: bytes,
    work: Callable[[UnitOfWork], Awaitable[Response]],
) -> Response:
    async with database.unit_of_work() as uow:
        given = (await find(uow.connection, scope, [key])).get(key)
        if given is not None:
            return given.replay(request_hash)
        response = await work(uow)
        answer = Answer.of(response, key=key, request_hash=request_hash)
        store(uow, scope, [answer])
        return response
