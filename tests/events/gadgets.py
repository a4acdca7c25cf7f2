"""A tiny service for the bus's own tests: gadgets that count, and a view that adds them up."""

from collections.abc import Sequence

from dualbus_events.aggregate import Aggregate
from dualbus_events.document import Document
from dualbus_events.facts import Fact, FactTopic
from dualbus_events.handlers import Handlers
from dualbus_events.repository import Repository, document_table
from dualbus_events.tasks import Task, TaskOutcome, TaskReply, done, failed
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import Invalid, NotFound
from sqlalchemy import MetaData

METADATA = MetaData()
GADGET_TABLE = document_table("gadget", METADATA)
PARTITIONS = 4


class GadgetDocument(Document):
    count: int = 0
    note: str = ""


GADGET = FactTopic("test.gadget.v1", "test", "gadget", GadgetDocument, partitions=PARTITIONS)
GadgetCreateEvent = GADGET.event("GadgetCreateEvent")
GadgetAttributeValueChangeEvent = GADGET.event("GadgetAttributeValueChangeEvent")
GadgetDeleteEvent = GADGET.event("GadgetDeleteEvent")

TASKS = "task.gadget.v1"
REPLIES = "task-reply.test.v1"
TOPICS = {GADGET.name: PARTITIONS, TASKS: PARTITIONS, REPLIES: PARTITIONS}


class Gadget(Aggregate[GadgetDocument]):
    document_type = GadgetDocument

    @classmethod
    def new(cls, id_: str, *, note: str = "") -> "Gadget":
        gadget = cls(GadgetDocument(id=id_, count=1, note=note))
        gadget.record(GadgetCreateEvent)
        return gadget

    def count_up(self) -> None:
        self.document.count += 1
        self.record(GadgetAttributeValueChangeEvent)

    def delete(self) -> None:
        self.record(GadgetDeleteEvent)


class GadgetNotFound(NotFound):
    code = "gadgetNotFound"
    reason = "The gadget does not exist"


class Gadgets(Repository[Gadget]):
    aggregate = Gadget
    table = GADGET_TABLE
    not_found = GadgetNotFound


CREATE_TABLES = """
CREATE TABLE gadget (id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL);
CREATE TABLE seen (position bigint GENERATED ALWAYS AS IDENTITY, id text, version bigint,
                   count int, correlation_id text);
CREATE TABLE work (task_id text, note text);
CREATE TABLE answer (task_id text, outcome text);
"""

handlers = Handlers()


@handlers.on(GadgetCreateEvent, GadgetAttributeValueChangeEvent)
async def gadgets_changed(events: Sequence[Fact[GadgetDocument]], uow: UnitOfWork) -> None:
    for event in events:
        if event.document.note == "poison":
            raise Invalid(f"gadget {event.key} is poison")
        if event.document.note == "crash":
            raise RuntimeError("a fault nobody thought of")
    await uow.connection.executemany(
        "INSERT INTO seen (id, version, count, correlation_id) VALUES ($1, $2, $3, $4)",
        [(e.key, e.version, e.document.count, e.cause.correlation_id) for e in events],
    )


@handlers.on_task("gadget.make")
async def make_gadgets(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome | None]:
    await uow.connection.executemany(
        "INSERT INTO work VALUES ($1, $2)",
        [(task.task_id, str(task.payload.get("note"))) for task in tasks],
    )
    return [_outcome(task) for task in tasks]


def _outcome(task: Task) -> TaskOutcome | None:
    match task.payload.get("note"):
        case "later":
            return None
        case "impossible":
            return failed("impossible", "it can't be made")
        case note:
            return done({"made": note})


@handlers.on_replies("test")
async def replies_came(replies: Sequence[TaskReply], uow: UnitOfWork) -> None:
    await uow.connection.executemany(
        "INSERT INTO answer VALUES ($1, $2)", [(r.task_id, r.outcome) for r in replies]
    )
