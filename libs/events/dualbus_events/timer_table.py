"""Setting durable timers: the row that says when one is due, by the database's clock."""

from collections.abc import Mapping

from dualbus_events.writes import Write

_SET = """
INSERT INTO timer (kind, key, due_at)
SELECT kind, key, now() + make_interval(secs => seconds)
FROM unnest($1::text[], $2::text[], $3::float8[]) t(kind, key, seconds) WHERE :earlier
ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at
"""


def write_of_timers(seconds: Mapping[tuple[str, str], float]) -> Write:
    """Timers by kind and key, each to fire after so many seconds instead of when it was to."""
    # One order for everyone: two batches that set the same timers never lock crosswise.
    timers = sorted(seconds)
    arguments = (
        [kind for kind, _ in timers],
        [key for _, key in timers],
        [seconds[timer] for timer in timers],
    )
    return Write(_SET, arguments, len(timers), _not_set)


def _not_set() -> Exception:
    return RuntimeError("not all timers were set")
