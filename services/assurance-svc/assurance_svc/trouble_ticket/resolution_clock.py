"""The clock of a ticket: how the time to resolve it runs, pauses and runs out. Pure rules.

It runs while the operator has the ticket, pauses while the ticket waits for somebody else, and
stands still once the trouble is over; a ticket that is taken up again goes on where it was.
"""

from datetime import datetime, timedelta
from typing import Literal

from dualbus_events.contract.assurance import ResolutionClock

from assurance_svc.service_level_agreement.promises import Promise

ClockState = Literal["running", "paused", "stopped"]
_NOTHING = timedelta()


def clock_state(status: str) -> ClockState:
    """What the clock of a ticket in this TMF621 status does."""
    if status in ("acknowledged", "inProgress"):
        return "running"
    return "paused" if status in ("pending", "held") else "stopped"


def started(promise: Promise, status: str, *, at: datetime) -> ResolutionClock:
    """The clock of a ticket that nobody has worked on yet."""
    return ResolutionClock(
        state=clock_state(status),
        target=promise.target,
        elapsed=_NOTHING,
        since=at,
        service_level_agreement=promise.agreement,
        service_level_objective=promise.objective,
    )


def moved(clock: ResolutionClock, status: str, *, at: datetime) -> ResolutionClock:
    """The same clock after the ticket's move at `at`."""
    state = clock_state(status)
    if state == clock.state:
        return clock
    return clock.model_copy(update={"state": state, "elapsed": spent(clock, at=at), "since": at})


def promised(clock: ResolutionClock, promise: Promise) -> ResolutionClock:
    """The same clock under a shorter promise; a longer one changes nothing."""
    if promise.target >= clock.target:
        return clock
    return clock.model_copy(
        update={
            "target": promise.target,
            "service_level_agreement": promise.agreement,
            "service_level_objective": promise.objective,
        }
    )


def spent(clock: ResolutionClock, *, at: datetime) -> timedelta:
    """What of the promised time is gone. Clocks of two machines may differ: never less than was."""
    if clock.state != "running":
        return clock.elapsed
    return clock.elapsed + max(at - clock.since, _NOTHING)


def due_at(clock: ResolutionClock) -> datetime:
    """When the promised time runs out, or would if the clock went on from its last stop."""
    return clock.since + clock.target - clock.elapsed


def has_run_out(clock: ResolutionClock, *, at: datetime) -> bool:
    """Whether the time is up and nobody has said so yet."""
    return clock.breached_at is None and spent(clock, at=at) >= clock.target


def breached(clock: ResolutionClock) -> ResolutionClock:
    """The clock marked with the moment at which its time ran out."""
    at = due_at(clock) if clock.state == "running" else clock.since
    return clock.model_copy(update={"breached_at": at})
