"""`?fields=`: stored bytes cut to the first-level attributes that were asked for."""

from collections.abc import Sequence

import orjson


def projected(body: bytes, fields: frozenset[str] | None) -> bytes:
    """The body itself when nothing was asked for; id and href are always kept.

    No `@type` is added: TMF642's kit asserts the exact key set.
    """
    if fields is None:
        return body
    whole = orjson.loads(body)
    return orjson.dumps({k: v for k, v in whole.items() if k in fields or k in ("id", "href")})


def array_of(bodies: Sequence[bytes], fields: frozenset[str] | None) -> bytes:
    """A JSON array of stored bodies; none of them is parsed unless fields were asked for."""
    return b"[" + b",".join([projected(body, fields) for body in bodies]) + b"]"
