"""Aggregates: a document, its version, its rules, and the events it recorded."""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from dualbus_kit.causation import Cause, current_cause
from dualbus_kit.clock import timestamp_now

from dualbus_events.document import Document
from dualbus_events.facts import EventType

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A change, with the whole state right after it."""

    event_type: EventType[Any]
    version: int
    body: bytes
    time: str
    cause: Cause


class Aggregate(Generic[D]):
    """What may happen to one resource. Subclasses add the rules; they do no input or output.

    A change is real only once it is recorded: `record` takes the next version and keeps the full
    state, and those very bytes are what is stored and published. A document that was changed
    after its last `record` is refused at commit, so nothing is stored that is not published.
    """

    document_type: ClassVar[type[Document]]

    def __init__(self, document: D, *, version: int = 0) -> None:
        self.document = document
        self.version = version
        self.stored_version = version
        self.recorded: list[RecordedEvent] = []

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def customer_id(self) -> str | None:
        """The customer whose view this resource belongs to; None for what concerns nobody."""
        return None

    @property
    def deleted(self) -> bool:
        return bool(self.recorded) and self.recorded[-1].event_type.deletes

    @property
    def state_bytes(self) -> bytes:
        """The recorded state, as stored and published."""
        return self.recorded[-1].body

    def record(self, event_type: EventType[Any]) -> None:
        """Take the next version and keep the full state as the event's body."""
        self.version += 1
        self.recorded.append(
            RecordedEvent(
                event_type=event_type,
                version=self.version,
                body=self.document.to_bytes(),
                time=timestamp_now(),
                cause=current_cause(),
            )
        )
