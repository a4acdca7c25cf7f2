"""A process as compact JSON: it is rewritten with every step, so what is at rest is left out."""

from typing import Any

import orjson

from order_svc.process.graph import Item, Node, Process


def to_json(process: Process) -> bytes:
    """What `from_json` makes the same process of, but for its id and version."""
    body: dict[str, Any] = {
        "correlationId": process.correlation_id,
        "items": [_item_to_json(item) for item in process.items.values()],
        "nodes": [_node_to_json(node) for node in process.nodes.values()],
    }
    for name in _OPTIONAL:
        value = getattr(process, name)
        if value:
            body[name] = value
    return orjson.dumps(body)


def from_json(process_id: str, version: int, body: bytes) -> Process:
    """The process that was stored."""
    stored = orjson.loads(body)
    items = [_item_from_json(item) for item in stored["items"]]
    nodes = [_node_from_json(node) for node in stored["nodes"]]
    return Process(
        process_id,
        {item.id: item for item in items},
        {node.key: node for node in nodes},
        correlation_id=stored["correlationId"],
        version=version,
        **{name: stored[name] for name in _OPTIONAL if name in stored},
    )


_OPTIONAL = (
    "traceparent",
    "customer_id",
    "start_at",
    "answered",
    "cancelling",
    "ended",
    "timer_at",
)
_NODE_DEFAULTS = tuple(
    (name, getattr(Node(key="", type=""), name))
    for name in Node.__slots__
    if name not in ("key", "type")
)
_ITEM_DEFAULTS = tuple(
    (name, getattr(Item(id=""), name)) for name in Item.__slots__ if name != "id"
)


def _node_to_json(node: Node) -> dict[str, Any]:
    body: dict[str, Any] = {"key": node.key, "type": node.type}
    for name, default in _NODE_DEFAULTS:
        value = getattr(node, name)
        if value != default:
            body[name] = value
    return body


def _node_from_json(stored: dict[str, Any]) -> Node:
    if "after" in stored:
        stored["after"] = tuple(stored["after"])
    return Node(**stored)


def _item_to_json(item: Item) -> dict[str, Any]:
    body: dict[str, Any] = {"id": item.id}
    for name, default in _ITEM_DEFAULTS:
        value = getattr(item, name)
        if value != default:
            body[name] = value
    return body


def _item_from_json(stored: dict[str, Any]) -> Item:
    for name in ("relies_on", "shared"):
        if name in stored:
            stored[name] = tuple(stored[name])
    return Item(**stored)
