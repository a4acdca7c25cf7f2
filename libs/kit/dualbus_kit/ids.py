"""Identifiers: UUID version 7, so that ids sort by the time they were made."""

from uuid import UUID

import uuid_utils.compat


def new_uuid() -> UUID:
    """A new UUIDv7."""
    return uuid_utils.compat.uuid7()


def new_id() -> str:
    """A new resource id: a UUIDv7 in its canonical text form."""
    return str(uuid_utils.compat.uuid7())
