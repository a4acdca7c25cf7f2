"""A process as compact JSON, for it is rewritten with every step: rows, their fields named once."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import orjson

from order_svc.process.graph import Item, Node, Process


def to_json(process: Process) -> bytes:
    """What `from_json` makes the same process of, but for its id and version."""
    body: dict[str, Any] = {
        "correlationId": process.correlation_id,
        "items": [_ITEM_FIELDS, *map(_item_row, process.items.values())],
        "nodes": [_NODE_FIELDS, *map(_node_row, process.nodes.values())],
    }
    for name in _OPTIONAL:
        value = getattr(process, name)
        if value:
            body[name] = value
    return orjson.dumps(body)


def from_json(process_id: str, version: int, body: bytes) -> Process:
    """The process that was stored."""
    stored = orjson.loads(body)
    item_fields, *item_rows = stored["items"]
    node_fields, *node_rows = stored["nodes"]
    items = [_item_of(row) for row in _by_current_fields(item_rows, item_fields, _NO_ITEM)]
    nodes = [_node_of(row) for row in _by_current_fields(node_rows, node_fields, _NO_NODE)]
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
_NODE_FIELDS = tuple(Node.__slots__)
_ITEM_FIELDS = tuple(Item.__slots__)
_node_row = attrgetter(*_NODE_FIELDS)
_item_row = attrgetter(*_ITEM_FIELDS)


_NO_NODE = {name: getattr(Node("", ""), name) for name in _NODE_FIELDS}
_NO_ITEM = {name: getattr(Item(""), name) for name in _ITEM_FIELDS}


def _by_current_fields(
    rows: Sequence[Sequence[Any]], fields: Sequence[str], defaults: Mapping[str, Any]
) -> Iterable[Sequence[Any]]:
    """Rows in the order of today's fields, also those that an older or newer release stored."""
    if tuple(fields) == tuple(defaults):
        return rows
    stored = (dict(zip(fields, row, strict=True)) for row in rows)
    return [[row.get(name, default) for name, default in defaults.items()] for row in stored]


def _node_of(row: Sequence[Any]) -> Node:
    node = Node(*row)
    node.after = tuple(node.after)
    return node


def _item_of(row: Sequence[Any]) -> Item:
    item = Item(*row)
    item.relies_on, item.shared = tuple(item.relies_on), tuple(item.shared)
    return item
