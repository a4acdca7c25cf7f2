"""Attributes that our documents carry beyond TM Forum's."""

from typing import Any

from dualbus_events.document import Document


def extensions(document: Document) -> dict[str, Any]:
    """The attributes that the contract's model does not name, by wire name; may be written to."""
    if document.model_extra is None:
        raise TypeError(f"{type(document).__name__} takes no extension attributes")
    return document.model_extra
