"""Heartbeats: up to when each owner's commits are known to be on its topics."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson
from dualbus_events.messages import Envelope, UnreadableMessage
from dualbus_kit.database import Connection

# A reader that lags looks for a beat as old as its lag; what lags more is stale all the same.
_KEPT = timedelta(minutes=10)

_INSERT = """
INSERT INTO heartbeat (service, beat_at, published_up_to)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) ON CONFLICT DO NOTHING
"""
_FORGET = """
DELETE FROM heartbeat h USING unnest($1::text[], $2::timestamptz[]) old(service, beat_at)
WHERE h.service = old.service AND h.beat_at < old.beat_at
"""


class Beat(NamedTuple):
    """All that a service committed up to `published_up_to` was on its topics at `beat_at`."""

    service: str
    beat_at: datetime
    published_up_to: datetime


def project_beat(envelope: Envelope) -> Beat:
    """Raises UnreadableMessage."""
    try:
        body = orjson.loads(envelope.record.value)
        return Beat(
            str(body["service"]),
            datetime.fromisoformat(body["time"]),
            datetime.fromisoformat(body["publishedUpTo"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableMessage(f"a heartbeat needs {error}") from error


async def keep_beats(connection: Connection, beats: Sequence[Beat]) -> None:
    """Add to those of the last ten minutes."""
    if not beats:
        return
    beats = sorted(beats)
    services, moments, published = (list(column) for column in zip(*beats, strict=True))
    await connection.execute(_INSERT, services, moments, published)
    await connection.execute(_FORGET, services, [moment - _KEPT for moment in moments])
