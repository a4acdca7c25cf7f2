"""The way forward: sending what is ready, taking answers, trying again, giving up. No IO."""

from collections.abc import Mapping
from typing import Any

from order_svc.process.graph import Item, Node, Process, Send

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
TIMED_OUT = "timedOut"
_ADVANCING = ("open", "fallout")


def pause_after(attempt: int) -> float:
    """Seconds before the next attempt: 1, 2, 4 … up to a minute."""
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(attempt - 1, 10), LONGEST_PAUSE_SECONDS))


def send(process: Process, node: Node, now: float) -> None:
    """Ask the participant, for the first time or again."""
    node.state = "sent"
    node.attempt += 1
    node.sent_at = now if node.sent_at is None else node.sent_at
    node.due = now + node.timeout
    process.sends.append(Send(node))


def send_ready(process: Process, now: float) -> None:
    """Send every task whose predecessors are done. An item in fallout goes on where it can."""
    if process.cancelling or (process.start_at is not None and now < process.start_at):
        return
    process.start_at = None
    for node in process.nodes.values():
        if node.state == "waiting" and _wanted(process, node) and _predecessors_done(process, node):
            send(process, node, now)


def _wanted(process: Process, node: Node) -> bool:
    if node.item is None:
        return any(item.state in _ADVANCING for item in process.users_of(node))
    item = process.items[node.item]
    return item.state in _ADVANCING and all(
        process.items[other].state == "completed" for other in item.relies_on
    )


def _predecessors_done(process: Process, node: Node) -> bool:
    return all(process.nodes[key].state == "done" for key in node.after)


def complete_items(process: Process) -> bool:
    """Complete the items all of whose tasks are done. Whether there were any."""
    changed = False
    for item in process.items.values():
        if item.state == "open" and _all_done(process, item):
            item.state = "completed"
            changed = True
    return changed


def _all_done(process: Process, item: Item) -> bool:
    return (
        process.start_at is None
        and all(node.state == "done" for node in process.nodes_of(item))
        and all(process.nodes[key].state == "done" for key in item.shared)
        and all(process.items[other].state == "completed" for other in item.relies_on)
    )


def fail_dependants(process: Process) -> bool:
    """An item that relies on a failed one fails too. Whether there were any."""
    changed = False
    for item in process.items.values():
        failed = [one for one in item.relies_on if process.items[one].state == "failed"]
        if item.state == "open" and failed:
            item.state = "compensating"
            item.error = {
                "code": "reliedOnItemFailed",
                "message": f"Item {failed[0]}, which this item relies on, failed",
            }
            changed = True
    return changed


def take_answer(
    process: Process,
    node: Node,
    *,
    outcome: str,
    result: Mapping[str, Any],
    error: Mapping[str, Any] | None,
    now: float,
) -> None:
    """A participant's answer to a task. One that nobody waits for any more changes nothing."""
    late = node.state == "failed" and (node.error or {}).get("code") == TIMED_OUT
    late = late and any(item.state == "fallout" for item in process.users_of(node))
    if node.state != "sent" and not (late and outcome == "done"):
        return
    if outcome == "done":
        node.state, node.result, node.error = "done", dict(result), None
        node.due, node.ended_at = None, now
        if late:
            reopen(process, node)
    elif outcome == "rejected":
        _refused(process, node, dict(error or {"code": "rejected"}), now)
    else:
        _failed(process, node, dict(error or {"code": "failed"}), now)


def take_time_out(process: Process, node: Node, now: float) -> None:
    """No answer in time: ask again under the same id, so that nothing is done twice."""
    if node.attempt < node.max_attempts:
        send(process, node, now)
        return
    tries = f"{node.attempt} attempts of {node.timeout:g} s each"
    _give_up(process, node, {"code": TIMED_OUT, "message": f"No answer in {tries}"}, now)


def reopen(process: Process, node: Node) -> None:
    """What kept the items of this task in fallout is gone, unless another task failed too."""
    for item in process.users_of(node):
        nodes = [*process.nodes_of(item), *(process.nodes[key] for key in item.shared)]
        if item.state == "fallout" and not any(n.state in ("failed", "refused") for n in nodes):
            item.state, item.error = "open", None


def _refused(process: Process, node: Node, error: dict[str, Any], now: float) -> None:
    node.state, node.error, node.due, node.ended_at = "refused", error, None, now
    for item in process.users_of(node):
        _set_back(process, item, error, compensate=True)


def _failed(process: Process, node: Node, error: dict[str, Any], now: float) -> None:
    node.error = error
    if error.get("retryable") and node.attempt < node.max_attempts:
        node.state, node.due = "pausing", now + pause_after(node.attempt)
        node.round += 1
        return
    _give_up(process, node, error, now)


def _give_up(process: Process, node: Node, error: dict[str, Any], now: float) -> None:
    node.state, node.error, node.due, node.ended_at = "failed", error, None, now
    for item in process.users_of(node):
        _set_back(process, item, error, compensate=node.on_failure == "compensate")


def _set_back(process: Process, item: Item, error: dict[str, Any], *, compensate: bool) -> None:
    """Before the pivot an item is compensated, where the plan says so; past it, never."""
    if item.state not in _ADVANCING:
        return
    item.error = error
    item.state = "compensating" if compensate and not process.past_pivot(item) else "fallout"
