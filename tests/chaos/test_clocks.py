"""Clocks that are wrong, and jump (bus.md 4, test 17)."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not _LIBRARIES, reason="libfaketime is not installed (Debian: libfaketime)"),
]


def _clock(offset: Path) -> dict[str, str]:
    """The environment of a process whose clock is off by what the file says, right now."""
    return {
        "LD_PRELOAD": str(_LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        # Waits and time-outs are by the monotonic clock, which never jumps.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@pytest.mark.case(
    number="17",
    fails="clocks: writer, relay and consumer are ten minutes off, each another way, and a day's "
    "jump to and fro; a relay dies in between",
    promised="the inbox still knows what was applied; nothing lost, order kept, each effect once",
)
async def test_clocks_are_wrong_and_jump(trial: Trial) -> None:
    offsets = {role: trial.directory / f"clock-{role}" for role in ("writer", "relay", "consumer")}
    for role, offset in zip(offsets, ("+10m", "-10m", "+0"), strict=True):
        offsets[role].write_text(offset + "\n")

    writer = await trial.start(
        "writer", writer=WriterOptions(tasks=4), environment=_clock(offsets["writer"])
    )
    await trial.start("consumer", environment=_clock(offsets["consumer"]))
    dying = await trial.start(
        "relay", crash_at="relay_before_delete:20", environment=_clock(offsets["relay"])
    )
    for role in ("writer", "consumer", "writer", "consumer"):
        await asyncio.sleep(4)
        offsets[role].write_text(trial.chance.choice(("+1d", "-1d", "-10m", "+10m")) + "\n")
    await dying.crashed()
    await trial.start("relay", environment=_clock(offsets["relay"]))
    await writer.stop()

    await trial.drained()
    counts = await trial.verdict(crashes=True)
    days = await trial.pool.fetchval("SELECT count(DISTINCT event_day) FROM inbox")
    trial.seen |= {"days of ids in the inbox": days}
    assert counts.logged_again > 0
