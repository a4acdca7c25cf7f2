"""The way back: undoing what was done or asked for, in reverse order. No IO."""

from collections.abc import Mapping, Sequence
from typing import Any

from order_svc.process.forward import pause_after
from order_svc.process.graph import SETTLED, Item, Node, Process, Send

UNDO_ATTEMPTS_UNTIL_FALLOUT = 5


def compensate_items(process: Process, now: float) -> bool:
    """Go on undoing the items that are on their way back. Whether anything settled."""
    changed = False
    for item in process.items.values():
        if item.state == "compensating":
            nodes = process.nodes_of(item)
            changed |= _unwind(process, nodes, now)
            if all(node.state in SETTLED for node in nodes):
                item.state = "failed"
                changed = True
    return changed


def compensate_shared(process: Process, now: float) -> bool:
    """Undo what was done once for the order, as soon as all items that need it have failed.

    An item that was given up past its pivot keeps it: its service is still there.
    """
    nodes = [node for node in process.shared_nodes() if _unused(process.users_of(node))]
    return _unwind(process, nodes, now)


def _unused(users: Sequence[Item]) -> bool:
    return all(item.state == "failed" and not item.kept for item in users)


def _unwind(process: Process, nodes: Sequence[Node], now: float) -> bool:
    """One step back: everything that nothing unsettled comes after. Whether anything settled."""
    changed = False
    for node in reversed(nodes):
        if node.state in SETTLED or node.state in ("undoing", "undoPausing"):
            continue
        if any(node.key in n.after and n.state not in SETTLED for n in nodes):
            continue
        if node.state == "waiting":
            node.state = "skipped"
            changed = True
        elif node.undo:
            _send_undo(process, node, now)
        else:
            node.state, node.due = "undone", None
            changed = True
    return changed


def _send_undo(process: Process, node: Node, now: float) -> None:
    node.state = "undoing"
    node.undo_attempt += 1
    node.due = now + node.timeout
    process.sends.append(Send(node, undo=True))


def take_undo_answer(
    node: Node, *, outcome: str, error: Mapping[str, Any] | None, now: float
) -> None:
    """A participant's answer to an undo. Undoing is tried without limit: nothing may stay."""
    if node.state not in ("undoing", "undoPausing"):
        return
    if outcome == "done":
        node.state, node.error, node.due, node.ended_at = "undone", None, None, now
        return
    if node.state == "undoing":
        node.state, node.due = "undoPausing", now + pause_after(node.undo_attempt)
        node.undo_round += 1
        _note_trouble(node, error)


def take_undo_time_out(process: Process, node: Node, now: float) -> None:
    """The pause is over, or there was no answer in time: ask (again)."""
    if node.state == "undoing":
        _note_trouble(node, {"code": "timedOut", "message": "No answer to the undo"})
    _send_undo(process, node, now)


def _note_trouble(node: Node, error: Mapping[str, Any] | None) -> None:
    """After some attempts a person should look; the attempts go on meanwhile."""
    if node.undo_attempt < UNDO_ATTEMPTS_UNTIL_FALLOUT:
        return
    met = (error or {}).get("message") or (error or {}).get("code") or "no reason given"
    node.error = {
        "code": "compensationFailed",
        "message": f"{node.undo_attempt} attempts to undo failed: {met}",
    }
