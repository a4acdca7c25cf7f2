"""Time as the system writes it: aware, UTC, milliseconds, with a Z."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, aware, cut to milliseconds, the precision that is stored."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def timestamp(moment: datetime) -> str:
    """`2026-01-31T09:30:00.000Z`. TM Forum's kits filter by this exact text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def timestamp_now() -> str:
    """The present moment as text."""
    return timestamp(utc_now())
