"""The track of an order: which tasks were sent in its name, and how each was answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from dualbus_events.messages import Envelope, reply_of, task_of
from dualbus_kit.database import Connection

_REPLY = ".reply"


class Step(NamedTuple):
    """What one message, or several put together, say about a task."""

    process_id: str
    task_id: str
    type: str
    item_id: str | None
    sent_at: datetime | None
    answered_at: datetime | None
    outcome: str | None
    error: bytes | None

    def joined(self, other: "Step") -> "Step":
        """Both messages' knowledge, the same in either order (the rule of the upsert below)."""
        answer = max(self, other, key=Step.answer)
        sent = [step.sent_at for step in (self, other) if step.sent_at]
        return self._replace(
            item_id=self.item_id or other.item_id,
            sent_at=min(sent, default=None),
            answered_at=answer.answered_at,
            outcome=answer.outcome,
            error=answer.error,
        )

    def answer(self) -> tuple[float, bool, str]:
        """The later answer counts, as a task sent again after a fault may be answered twice.

        Of two in the same millisecond it is `done`, the one that ends the task.
        """
        answered = self.answered_at.timestamp() if self.answered_at else 0.0
        return answered, self.outcome == "done", self.outcome or ""


def project_task(envelope: Envelope) -> Step:
    """Raises UnreadableMessage."""
    task = task_of(envelope)
    item: Any = task.payload.get("item") or {}
    return Step(
        process_id=task.process_id,
        task_id=task.task_id,
        type=task.type,
        item_id=item.get("id"),
        sent_at=datetime.fromisoformat(envelope.time),
        answered_at=None,
        outcome=None,
        error=None,
    )


def project_reply(envelope: Envelope) -> Step:
    """Raises UnreadableMessage."""
    reply = reply_of(envelope)
    return Step(
        process_id=reply.process_id,
        task_id=reply.task_id,
        type=envelope.event_type.removesuffix(_REPLY),
        item_id=None,
        sent_at=None,
        answered_at=datetime.fromisoformat(envelope.time),
        outcome=reply.outcome,
        error=orjson.dumps(reply.error.to_dict()) if reply.error else None,
    )


def joined(steps: Iterable[Step]) -> list[Step]:
    """One step per task, in one order for all batches."""
    known: dict[tuple[str, str], Step] = {}
    for step in steps:
        key = (step.process_id, step.task_id)
        known[key] = known[key].joined(step) if key in known else step
    return [known[key] for key in sorted(known)]


# A reply may come before its task: they travel on different topics.
_UPSERT = """
INSERT INTO track (process_id, task_id, type, item_id, sent_at, answered_at, outcome, error)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                     $6::timestamptz[], $7::text[], $8::bytea[])
ON CONFLICT (process_id, task_id) DO UPDATE SET
  item_id = coalesce(track.item_id, excluded.item_id),
  sent_at = least(track.sent_at, excluded.sent_at),
  (answered_at, outcome, error) = (SELECT a.answered_at, a.outcome, a.error FROM (VALUES
    (track.answered_at, track.outcome, track.error),
    (excluded.answered_at, excluded.outcome, excluded.error)) a(answered_at, outcome, error)
    ORDER BY a.answered_at DESC NULLS LAST, a.outcome = 'done' DESC, a.outcome COLLATE "C" DESC
    LIMIT 1)
WHERE least(track.sent_at, excluded.sent_at) IS DISTINCT FROM track.sent_at
   OR greatest(track.answered_at, excluded.answered_at) IS DISTINCT FROM track.answered_at
   OR (excluded.answered_at = track.answered_at AND excluded.outcome <> track.outcome)
"""


async def upsert_track(connection: Connection, steps: Sequence[Step]) -> None:
    """Add to what is known of each task; one statement for all."""
    rows = joined(steps)
    if rows:
        await connection.execute(_UPSERT, *(list(column) for column in zip(*rows, strict=True)))
