"""Register many customers in one transaction; verify many that want to order."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from dualbus_events.contract.customer import CustomerCreateEvent
from dualbus_events.document import Document
from dualbus_events.repository import AlreadyExists
from dualbus_events.tasks import TaskOutcome, done, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by
from dualbus_tmf import idempotency
from dualbus_tmf.idempotency import Answer
from dualbus_tmf.writing import created
from fastapi import Response

from customer_svc.customer.declaration import CUSTOMER_PATH, CUSTOMER_RESOURCE
from customer_svc.customer.states import ACTIVE

# Verifying changes nothing, so it takes no locks and reads no bodies.
_STANDING = "SELECT id, name, status, may_order FROM customer WHERE id = ANY($1::text[])"


@dataclass(frozen=True)
class Registration:
    """A customer to be stored, and the key that makes a repeated request harmless."""

    document: Document
    key: str | None
    request_hash: bytes


async def register_customers(
    requests: Sequence[tuple[Registration, Cause]], uow: UnitOfWork
) -> Sequence[Response]:
    """Store them all and answer each; a key that was answered before gets that answer again.

    Raises AlreadyExists for an id that is taken, or twice among them.
    """
    ids = [registration.document.id for registration, _ in requests]
    if len(set(ids)) < len(ids):
        raise AlreadyExists("Two customers of one group have the same id")
    keys = [registration.key for registration, _ in requests if registration.key]
    given = await idempotency.find(uow.connection, CUSTOMER_PATH, keys) if keys else {}
    responses: list[Response] = []
    answers: list[Answer] = []
    for registration, cause in requests:
        key, request_hash = registration.key, registration.request_hash
        if key and key in given:
            responses.append(given[key].replay(request_hash))
            continue
        response = _register(registration.document, cause, uow)
        responses.append(response)
        if key:
            answers.append(Answer.of(response, key=key, request_hash=request_hash))
    if answers:
        idempotency.store(uow, CUSTOMER_PATH, answers)
    return responses


def _register(document: Document, cause: Cause, uow: UnitOfWork) -> Response:
    # A new aggregate each time: a group that failed is run again, one request at a time.
    customer = CUSTOMER_RESOURCE.aggregate(document)
    with caused_by(cause):
        customer.record(CustomerCreateEvent)
    uow.add(customer)
    return created(customer)


async def verify_customers(customer_ids: Sequence[str], uow: UnitOfWork) -> list[TaskOutcome]:
    """Whether each may order: known, active, and not barred. One statement, in their order."""
    rows = await uow.connection.fetch(_STANDING, list(set(customer_ids)))
    standing = {row["id"]: row for row in rows}
    return [_verdict(customer_id, standing.get(customer_id)) for customer_id in customer_ids]


def _verdict(customer_id: str, standing: asyncpg.Record | None) -> TaskOutcome:
    if standing is None:
        return rejected("customerUnknown", f"Customer {customer_id or '(none)'} is not known")
    if standing["status"] != ACTIVE:
        return rejected(
            "customerNotActive", f"Customer {customer_id} is {standing['status']}, not {ACTIVE}"
        )
    if not standing["may_order"]:
        return rejected("customerMayNotOrder", f"Customer {customer_id} is barred from ordering")
    known = {"id": customer_id, "name": standing["name"], "status": standing["status"]}
    return done({"customer": known})
