"""A resource that changes its major version: the code before, in between and after.

v1 says `reading`, a number of kWh. v2 says `measure`, an amount and its unit: a breaking change.
The three deployments differ in what they store and publish; all three work on one table.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.document import Document, WireModel
from dualbus_events.facts import EventType, Fact, FactTopic, OtherMajor
from dualbus_events.handlers import Handlers
from dualbus_events.repository import Repository, document_table
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import NotFound
from sqlalchemy import MetaData

TABLE = document_table("meter", MetaData())
V1, V2 = "test.meter.v1", "test.meter.v2"
CREATED, CHANGED = "MeterCreateEvent", "MeterAttributeValueChangeEvent"
CREATE_TABLES = """
CREATE TABLE meter (id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL);
CREATE TABLE seen (position bigint GENERATED ALWAYS AS IDENTITY, consumer text, id text,
                   version bigint, kwh bigint, major int);
"""
# The stored form turns from v1 to v2 when no code is left that reads v1 from the table.
MIGRATE = """
UPDATE meter SET body = body - 'reading' || jsonb_build_object(
  'measure', jsonb_build_object('amount', body -> 'reading', 'unit', 'kWh'))
"""


class MeterV1(Document):
    reading: int


class Measure(WireModel):
    amount: int
    unit: str


class MeterV2(Document):
    measure: Measure


def up(v1: dict[str, Any]) -> dict[str, Any]:
    """A meter of v1 as v2 says it."""
    rest = {name: value for name, value in v1.items() if name != "reading"}
    return {**rest, "measure": {"amount": v1["reading"], "unit": "kWh"}}


def down(v2: dict[str, Any]) -> dict[str, Any]:
    """A meter of v2 as v1 says it."""
    rest = {name: value for name, value in v2.items() if name != "measure"}
    return {**rest, "reading": v2["measure"]["amount"]}


def a_topic(name: str, document: type[Document], *beside: OtherMajor) -> FactTopic[Any]:
    return FactTopic(name, "test", "meter", document, partitions=3, beside=beside)


class OldMeter(Aggregate[MeterV1]):
    """Before: v1 alone is stored and published."""

    document_type = MeterV1
    topic: ClassVar[FactTopic[Any]] = a_topic(V1, MeterV1)

    @classmethod
    def new(cls, id_: str) -> "OldMeter":
        meter = cls(MeterV1(id=id_, reading=1))
        meter.record(cls.event(CREATED))
        return meter

    @classmethod
    def event(cls, name: str) -> EventType[Any]:
        return cls.topic.event(name)

    def count_up(self) -> None:
        self.document.reading += 1
        self.record(self.event(CHANGED))


class NewMeter(OldMeter):
    """In between: v1 is stored, both are published."""

    topic = a_topic(V1, MeterV1, OtherMajor(a_topic(V2, MeterV2), up))


class NewestMeter(Aggregate[MeterV2]):
    """After: v2 is stored, v1 is still published for who reads it."""

    document_type = MeterV2
    topic: ClassVar[FactTopic[Any]] = a_topic(V2, MeterV2, OtherMajor(a_topic(V1, MeterV1), down))

    def count_up(self) -> None:
        self.document.measure.amount += 1
        self.record(self.topic.event(CHANGED))


class MeterNotFound(NotFound):
    code = "meterNotFound"
    reason = "The meter does not exist"


class OldMeters(Repository[OldMeter]):
    aggregate = OldMeter
    table = TABLE
    not_found = MeterNotFound


class NewMeters(Repository[NewMeter]):
    aggregate = NewMeter
    table = TABLE
    not_found = MeterNotFound


class NewestMeters(Repository[NewestMeter]):
    aggregate = NewestMeter
    table = TABLE
    not_found = MeterNotFound


def readers(consumer: str, *topics: FactTopic[Any]) -> Handlers:
    """A consumer that notes what it sees, in kWh whichever major says it."""
    handlers = Handlers()

    @handlers.on_topic(*topics)
    async def meters_changed(events: Sequence[Fact[Any]], uow: UnitOfWork) -> None:
        await uow.connection.executemany(
            "INSERT INTO seen (consumer, id, version, kwh, major) VALUES ($1, $2, $3, $4, $5)",
            [(consumer, e.key, e.version, kwh(e.document), e.topic.major) for e in events],
        )

    return handlers


def kwh(document: Document) -> int:
    match document:
        case MeterV1(reading=amount) | MeterV2(measure=Measure(amount=amount, unit="kWh")):
            return amount
        case _:
            raise AssertionError(f"{document!r} is no meter")
