"""The audit log: who did what to the buses, when, and what it changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
import orjson
import structlog
from dualbus_kit.clock import timestamp
from fastapi import APIRouter, Query, Request

from dualbus_events.operations.requests import database_of, operator_of

log = structlog.get_logger(__name__)

_BEGIN = """
INSERT INTO ops_audit (operator, action, subject, before) VALUES ($1, $2, $3, $4) RETURNING id
"""
_READ = """
SELECT id, at, operator, action, subject, before, after FROM ops_audit
WHERE ($1::text IS NULL OR position($1 IN subject) > 0) ORDER BY id DESC LIMIT $2
"""


@dataclass
class AuditEntry:
    """What an action leaves behind it; written when the action ends."""

    after: object = None


@asynccontextmanager
async def audited(
    request: Request, action: str, subject: str, *, before: object = None
) -> AsyncIterator[AuditEntry]:
    """Write an action down before it is done, so that none is without its entry, then its outcome.

    An action that raises has the error as its outcome.
    """
    pool = database_of(request).pool
    operator = operator_of(request)
    id_ = await pool.fetchval(_BEGIN, operator, action, subject, orjson.dumps(before))
    log.warning("operator acts", operator=operator, action=action, subject=subject)
    entry = AuditEntry()
    try:
        yield entry
    except Exception as error:
        entry.after = {"error": f"{type(error).__name__}: {error}"}
        raise
    finally:
        await pool.execute(
            "UPDATE ops_audit SET after = $2 WHERE id = $1", id_, orjson.dumps(entry.after)
        )


def audit_router() -> APIRouter:
    """`/ops/audit`."""
    router = APIRouter(prefix="/ops/audit", tags=["operations"])

    @router.get("", operation_id="listAudit")
    async def list_audit(
        request: Request,
        subject: str | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> dict[str, Any]:
        """What operators did, the newest first; `subject` narrows down to what contains it."""
        rows = await database_of(request).pool.fetch(_READ, subject, limit)
        return {"audit": [_shown(row) for row in rows]}

    return router


def _shown(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": timestamp(row["at"]),
        "operator": row["operator"],
        "action": row["action"],
        "subject": row["subject"],
        "before": orjson.loads(row["before"] or b"null"),
        "after": orjson.loads(row["after"] or b"null"),
    }
