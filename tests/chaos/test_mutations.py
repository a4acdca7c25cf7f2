"""What the bus rests on, taken away: each time the checker must go red, or it proves nothing."""

import asyncio

import pytest

from tests.chaos.checker import Counts
from tests.chaos.mutations import without_the_advisory_lock
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

_ROUNDS = 8
_OPTIONS = WriterOptions(tasks=8, writes=15, pause_seconds=0.005, delay_seconds=0.01)


async def _write(trial: Trial, *, mutation: str | None = None) -> None:
    """Two writers for a while, and a last change when they have ended."""
    writers = [await trial.start("writer", writer=_OPTIONS, mutation=mutation) for _ in range(2)]
    await asyncio.gather(*(writer.ended() for writer in writers))


async def _until_red(trial: Trial, fault: str, *, mutation: str | None = None) -> Counts:
    """Write, round after round, until the checker counts this fault on the log."""
    for round_ in range(1, _ROUNDS + 1):
        await _write(trial, mutation=mutation)
        # The last in every order: once it is on the log, what is not there was passed over.
        await trial.until_logged(await trial.change("key00", nonce=f"end of round {round_}"))
        counts = await trial.examine()
        trial.seen["rounds"] = round_
        if fault in counts.faults(crashes=True):
            return counts
    raise AssertionError(f"{_ROUNDS} rounds, and the checker has seen no {fault}")


@pytest.mark.case(
    number="24",
    fails="the relays' advisory lock, removed",
    promised="the checker goes red: records are repeated though nothing crashed",
)
async def test_without_the_advisory_lock_records_are_repeated(trial: Trial) -> None:
    await without_the_advisory_lock(trial.pool)
    for _ in range(3):
        await trial.start("relay")

    for round_ in range(1, _ROUNDS + 1):
        await _write(trial)
        await trial.drained()
        counts = await trial.examine()
        trial.seen["rounds"] = round_
        if counts.logged_again:
            break

    assert "logged_again" in counts.faults(crashes=False)


@pytest.mark.case(
    number="5",
    fails="the consumer's inbox claim, removed, and a relay killed before its DELETE",
    promised="the checker goes red: effects happen twice",
)
async def test_without_the_inbox_claim_effects_happen_twice(trial: Trial) -> None:
    await trial.start("consumer", mutation="no inbox claim")
    dying = await trial.start("relay", crash_at="relay_before_delete:3")
    await _write(trial)
    await dying.crashed()
    await trial.start("relay")

    await trial.drained()

    counts = await trial.examine()
    assert {"applied_twice", "sum_wrong"} <= counts.faults(crashes=True).keys()


@pytest.mark.case(
    number="5",
    fails="the explicit offsets, replaced by commits of what was polled, as auto-commit does, and "
    "a consumer killed before its COMMIT",
    promised="the checker goes red: changes are lost",
)
async def test_with_offsets_committed_when_polled_changes_are_lost(trial: Trial) -> None:
    await trial.start("relay")
    dying = await trial.start(
        "consumer", mutation="offsets committed when polled", crash_at="before_commit:2"
    )
    await _write(trial)
    await dying.crashed()
    await trial.start("consumer", mutation="offsets committed when polled")

    await trial.drained()

    counts = await trial.examine()
    assert {"lost", "sum_wrong"} <= counts.faults(crashes=True).keys()


@pytest.mark.case(
    number="24",
    fails="the order of aggregate and outbox: a row's place is taken before its aggregate's lock "
    "(reader D)",
    promised="the checker goes red: changes stand on the log out of order",
)
async def test_with_the_outbox_before_the_aggregate_order_is_lost(trial: Trial) -> None:
    await trial.start("relay")

    counts = await _until_red(trial, "logged_out_of_order", mutation="outbox before aggregate")

    assert counts.never_logged == 0


@pytest.mark.case(
    number="24",
    fails="the reading: a cursor on the sequence (reader A)",
    promised="negative control: it must lose changes",
)
async def test_a_cursor_on_the_sequence_loses_changes(trial: Trial) -> None:
    await trial.start("reader A")

    await _until_red(trial, "never_logged")


@pytest.mark.case(
    number="24",
    fails="the reading: a cursor on transactions below the oldest running one (reader B)",
    promised="negative control: it loses nothing, but the order",
)
async def test_a_cursor_on_transactions_loses_the_order(trial: Trial) -> None:
    await trial.start("reader B")

    counts = await _until_red(trial, "logged_out_of_order")

    assert counts.never_logged == 0
