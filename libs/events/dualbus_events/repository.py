"""Repositories: which table an aggregate lives in, and the SQL for a list of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from dualbus_kit.database import Connection
from dualbus_kit.errors import Conflict, NotFound, Superseded
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import SchemaItem

from dualbus_events.aggregate import Aggregate
from dualbus_events.writes import Write

A = TypeVar("A", bound=Aggregate[Any])
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class AlreadyExists(Conflict):
    code = "alreadyExists"
    reason = "A resource with this id already exists"


def document_table(name: str, metadata: MetaData, *columns: SchemaItem) -> Table:
    """A table of documents: id, version, body, and the columns that rules and filters need."""
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("body", postgresql.JSONB, nullable=False),
        *columns,
    )


def searchable_table(name: str, metadata: MetaData, *columns: SchemaItem) -> Table:
    """A document table whose filters by any attribute, at any depth, are served by an index."""
    table = document_table(name, metadata, *columns)
    Index(
        f"{name}_body",
        table.c.body,
        postgresql_using="gin",
        postgresql_ops={"body": "jsonb_path_ops"},
    )
    return table


class Repository(Generic[A]):
    """The table of one kind of aggregate. Declare `aggregate`, `table`, `columns`, `not_found`.

    `columns` maps each column beside id, version and body to a function of the document.
    """

    aggregate: ClassVar[type[Aggregate[Any]]]
    table: ClassVar[Table]
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {}
    not_found: ClassVar[type[NotFound]] = NotFound

    _of_aggregate: ClassVar[dict[type[Aggregate[Any]], "type[Repository[Any]]"]] = {}
    _sql: ClassVar["_Statements"]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "table" in cls.__dict__:
            cls._sql = _Statements(cls.table, tuple(cls.columns))
            Repository._of_aggregate[cls.aggregate] = cls

    @staticmethod
    def of(aggregate: Aggregate[Any]) -> "type[Repository[Any]]":
        """The repository that stores this aggregate; KeyError when none was declared."""
        return Repository._of_aggregate[type(aggregate)]

    @staticmethod
    def declared() -> "list[type[Repository[Any]]]":
        """Every repository of this program."""
        return list(Repository._of_aggregate.values())

    @classmethod
    async def lock(cls, connection: Connection, column: str, values: Sequence[object]) -> list[A]:
        """`SELECT … FOR UPDATE` in id order, so that two batches never lock crosswise."""
        rows = await connection.fetch(cls._sql.lock_by(column), list(values))
        return [cls.of_row(row["version"], row["body"]) for row in rows]

    @classmethod
    async def hold(cls, connection: Connection, *, after: str, limit: int) -> list[A]:
        """The next so many in id order, which nobody changes until the transaction ends."""
        rows = await connection.fetch(cls._sql.hold, after, limit)
        return [cls.of_row(row["version"], row["body"]) for row in rows]

    @classmethod
    def writes(cls, aggregates: Sequence[A]) -> list[Write]:
        """What stores recorded changes, one write each for changed, deleted and new ones.

        Raise Superseded when one was changed by someone else.
        """
        changed = [a for a in aggregates if a.stored_version and not a.deleted]
        new = [a for a in aggregates if not a.stored_version and not a.deleted]
        deleted = [a for a in aggregates if a.stored_version and a.deleted]
        writes = []
        if changed:
            changed.sort(key=lambda a: a.id)
            states = ([a.version for a in changed], [a.state_bytes for a in changed])
            writes.append(cls._write(cls._sql.update, changed, *states, *cls._values(changed)))
        if deleted:
            writes.append(cls._write(cls._sql.delete, deleted))
        if new:
            ids, bodies = [a.id for a in new], [a.state_bytes for a in new]
            arguments = (ids, [a.version for a in new], bodies, *cls._values(new))
            writes.append(Write(cls._sql.insert, arguments, len(new), partial(cls._missed, new)))
        return writes

    @classmethod
    def _write(cls, statement: str, aggregates: Sequence[A], *values: object) -> Write:
        ids, stored = [a.id for a in aggregates], [a.stored_version for a in aggregates]
        arguments = (ids, stored, *values)
        return Write(statement, arguments, len(aggregates), partial(cls._missed, aggregates))

    @classmethod
    def _missed(cls, aggregates: Sequence[A]) -> Superseded:
        ids = ", ".join(a.id for a in aggregates[:5])
        return Superseded(f"{cls.table.name}: one of {ids} was changed meanwhile")

    @classmethod
    def _values(cls, aggregates: Sequence[A]) -> list[list[object]]:
        return [[value(a.document) for a in aggregates] for value in cls.columns.values()]

    @classmethod
    def of_row(cls, version: int, body: bytes) -> A:
        """The aggregate of a row as it is stored."""
        document = cls.aggregate.document_type.from_bytes(body)
        return cls.aggregate(document, version=version)  # type: ignore[return-value]


class _Statements:
    """The SQL of one table, written once."""

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        self._table = table.name
        types = [table.c[name].type.compile(_DIALECT) for name in columns]
        base = ["text[]", "bigint[]", "jsonb[]", *(f"{t}[]" for t in types)]
        names = ["id", "version", "body", *columns]
        self.insert = (
            f"INSERT INTO {self._table} ({', '.join(names)}) "  # noqa: S608 - names are the code's own
            f"SELECT * FROM unnest({_parameters(base)}) WHERE :earlier"
        )
        changed = ["text[]", "bigint[]", *base[1:]]
        sets = ", ".join(f"{name} = u.{name}" for name in names[1:])
        self.update = (
            f"UPDATE {self._table} t SET {sets} "  # noqa: S608
            f"FROM unnest({_parameters(changed)}) u(id, expected, {', '.join(names[1:])}) "
            "WHERE t.id = u.id AND t.version = u.expected AND :earlier"
        )
        self.delete = (
            f"DELETE FROM {self._table} t "  # noqa: S608
            "USING unnest($1::text[], $2::bigint[]) u(id, expected) "
            "WHERE t.id = u.id AND t.version = u.expected AND :earlier"
        )
        self.hold = (
            f"SELECT id, version, body FROM {self._table} "  # noqa: S608
            "WHERE id > $1 ORDER BY id LIMIT $2 FOR SHARE"
        )
        self._types = {name: table.c[name].type.compile(_DIALECT) for name in names}

    def lock_by(self, column: str) -> str:
        return (
            f"SELECT id, version, body FROM {self._table} "  # noqa: S608
            f"WHERE {column} = ANY($1::{self._types[column]}[]) ORDER BY id FOR UPDATE"
        )


def _parameters(types: Sequence[str]) -> str:
    return ", ".join(f"${position}::{type_}" for position, type_ in enumerate(types, start=1))
