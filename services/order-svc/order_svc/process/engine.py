"""The process manager's rules: what may happen to a process, and what follows. No IO.

Everything here takes `now` and leaves what is to be sent in `process.sends`.
"""

from collections.abc import Mapping
from typing import Any

from order_svc.process import backward, forward
from order_svc.process.errors import NothingToAbandon, NothingToRetry, PastPointOfNoReturn
from order_svc.process.graph import FinalState, Item, Process

_ENDED = ("completed", "failed")


def advance(process: Process, now: float) -> None:
    """Do all that is possible now: send, undo, complete items, end."""
    if process.ended:
        return
    changed = True
    while changed:
        changed = forward.complete_items(process)
        if any(item.state in ("compensating", "failed") for item in process.items.values()):
            changed |= forward.fail_dependants(process)
            changed |= backward.compensate_items(process, now)
            changed |= backward.compensate_shared(process, now)
    forward.send_ready(process, now)
    # What was to be asked again in this very step may have been set back since.
    process.sends = [one for one in process.sends if one.undo or one.node.state == "sent"]
    _end(process)


def take_reply(
    process: Process,
    task_id: str,
    *,
    outcome: str,
    result: Mapping[str, Any],
    error: Mapping[str, Any] | None,
    now: float,
) -> None:
    """A reply; `advance` once all replies of a batch are taken.

    Doubles, and answers to what was meanwhile undone or asked anew, change nothing.
    """
    asked = process.asked(task_id)
    if asked is None or process.ended:
        return
    process.answered = True
    node, undo = asked
    if undo:
        backward.take_undo_answer(node, outcome=outcome, error=error, now=now)
    else:
        forward.take_answer(process, node, outcome=outcome, result=result, error=error, now=now)


def take_time(process: Process, now: float) -> None:
    """The process's timer fired: ask again where an answer is overdue or a pause is over."""
    process.timer_at = None
    for node in process.nodes.values():
        if not node.awaited or node.due is None or node.due > now:
            continue
        if node.state == "sent":
            forward.take_time_out(process, node, now)
        elif node.state == "pausing":
            forward.send(process, node, now)
        else:
            backward.take_undo_time_out(process, node, now)
    advance(process, now)


def cancel(process: Process, cancel_id: str, now: float) -> None:
    """Undo everything that was done or asked for. Raises PastPointOfNoReturn past a pivot."""
    for item in process.items.values():
        if item.state == "completed" or process.past_pivot(item):
            raise PastPointOfNoReturn(
                f"Item {item.id} of product order {process.id} is past the point of no return"
            )
    process.cancelling = cancel_id
    for item in process.items.values():
        if item.state not in _ENDED:
            item.state = "compensating"
    advance(process, now)


def retry(process: Process, now: float) -> None:
    """Try what failed once more, under new task ids, with all attempts. Raises NothingToRetry."""
    found = False
    for node in process.nodes.values():
        in_fallout = any(item.state == "fallout" for item in process.users_of(node))
        if node.state in ("failed", "refused") and in_fallout:
            node.state, node.attempt, node.error, node.sent_at = "waiting", 0, None, None
            node.round += 1
            forward.reopen(process, node)
            found = True
        elif node.error and node.state in ("undoing", "undoPausing"):
            node.error, node.undo_attempt = None, 0
            node.undo_round += 1
            node.state, node.due = "undoPausing", now
            found = True
    if not found:
        raise NothingToRetry(f"Process {process.id} is {process.state}: no task of it failed")
    take_time(process, now)


def abandon(process: Process, now: float) -> None:
    """Give up what is in fallout: before the pivot it is undone, past it things stay as they are.

    An undo that fails again and again is given up as well: a person cleans up at the participant.
    Raises NothingToAbandon.
    """
    if process.state != "fallout":
        raise NothingToAbandon(f"Process {process.id} is {process.state}, not in fallout")
    for item in process.items.values():
        if item.state == "fallout":
            _give_up(process, item)
    for node in process.nodes.values():
        if node.error and node.state in ("undoing", "undoPausing"):
            node.state, node.due, node.ended_at = "undone", None, now
    advance(process, now)


def _give_up(process: Process, item: Item) -> None:
    if not process.past_pivot(item):
        item.state = "compensating"
        return
    item.state, item.kept = "failed", True
    for node in process.nodes_of(item):
        if node.state != "done":
            node.state, node.due = "skipped", None


def _end(process: Process) -> None:
    if any(item.state not in _ENDED for item in process.items.values()):
        return
    if any(node.awaited for node in process.nodes.values()):
        return
    process.ended = _final_state(process)


def _final_state(process: Process) -> FinalState:
    """All completed, none, or some (TMF622 v4, state diagram)."""
    if process.cancelling:
        return "cancelled"
    completed = [item.state == "completed" for item in process.items.values()]
    if all(completed):
        return "completed"
    return "partial" if any(completed) else "failed"
