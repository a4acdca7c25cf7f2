"""Alembic's environment, shared by all services: one connection, handed in by `run.py`."""

from alembic import context

BUS_TABLES = {
    "outbox", "outbox_parked", "inbox", "inbox_other", "parked_key", "parked_event",
    "participant_task", "timer", "outbound_call", "idempotency_key", "hub", "ops_audit",
    "consumer_stopped",
}  # fmt: skip


def _own(name: str | None, type_: str, _parent_names: object) -> bool:
    """The bus's tables are written in SQL and are not part of a service's metadata."""
    return not (type_ == "table" and name and (name in BUS_TABLES or name.startswith("inbox_")))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    include_name=_own,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
