"""Names of attributes in query parameters, and what a document's model knows about them."""

import re
from datetime import datetime
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin

from dualbus_events.document import Document
from dualbus_events.tmforum.attributes import Defined
from pydantic import AwareDatetime, BaseModel

_SEGMENT = re.compile(r"[@A-Za-z_][\w@:-]{0,63}", re.ASCII)
_MAX_DEPTH = 8
_SCALARS = (str, int, float, bool, Decimal, datetime, AwareDatetime)


def parse_path(name: str) -> tuple[str, ...]:
    """`relatedParty.id` in two parts; empty when `name` can't be an attribute's."""
    path = tuple(name.split("."))
    good = len(path) <= _MAX_DEPTH and all(_SEGMENT.fullmatch(part) for part in path)
    return path if good else ()


def is_scalar(document: type[Document], path: tuple[str, ...]) -> bool:
    """Whether the model says that nothing can be below this attribute.

    False for extension attributes, which the model does not know.
    """
    current: Any = document
    for depth, name in enumerate(path):
        if isinstance(current, Defined):
            return current.is_scalar(path[depth:])
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            return False
        current = _type_of(current, name)
    return current.is_scalar() if isinstance(current, Defined) else _is_scalar_type(current)


def field_of(document: type[BaseModel], name: str) -> str | None:
    """The Python name of an attribute; None for one the model does not know."""
    for field, info in document.model_fields.items():
        if name in (info.alias, info.serialization_alias):
            return field
    return None


def _type_of(model: type[BaseModel], name: str) -> Any:
    field = field_of(model, name)
    return _element(model.model_fields[field].annotation) if field else None


def _element(annotation: Any) -> Any:
    """The type of one value: `X` of `X | None`, `list[X]` and `Annotated[X, …]`."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return _element(parts[0]) if len(parts) == 1 else None
    if origin is list:
        return _element(get_args(annotation)[0])
    metadata = getattr(annotation, "__metadata__", None)
    return _element(annotation.__origin__) if metadata is not None else annotation


def _is_scalar_type(found: Any) -> bool:
    literal = all(isinstance(value, str) for value in get_args(found)) and bool(get_args(found))
    return literal or (isinstance(found, type) and issubclass(found, _SCALARS))
