"""`/ops/ods/verification`: what a comparison with the owners found, kept to be measured."""

from typing import Annotated, Literal, get_args

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_kit.errors import Invalid
from dualbus_tmf.dependencies import service_of
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

Cause = Literal["missing", "extra", "stale", "ahead", "other body"]

_TOPICS = frozenset(topic.name for topic in FACT_TOPICS)
# Every cause has its row, so that one that is mended goes back to 0.
_KEEP = """
INSERT INTO verification (topic, cause, differences)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
ON CONFLICT (topic, cause) DO UPDATE SET differences = excluded.differences, verified_at = now()
"""


class UnknownTopic(Invalid):
    code = "unknownTopic"
    reason = "No facts are published on this topic"


class TopicVerified(BaseModel):
    """How many resources of a topic differed, by cause."""

    topic: str
    differences: dict[Cause, Annotated[int, Field(ge=0)]]


class Verification(BaseModel):
    """The topics that were compared."""

    topic: list[TopicVerified]


def verification_router() -> APIRouter:
    """Where `dualbus ods verify` leaves what it found, for the metrics of drift."""
    router = APIRouter(prefix="/ops/ods/verification", tags=["operations"])

    @router.post("", status_code=204, operation_id="recordVerification")
    async def record_verification(request: Request, body: Verification) -> Response:
        """Keep the last result of each topic."""
        for one in body.topic:
            if one.topic not in _TOPICS:
                raise UnknownTopic(one.topic)
        rows = [
            (one.topic, cause, one.differences.get(cause, 0))
            for one in body.topic
            for cause in get_args(Cause)
        ]
        columns = (list(column) for column in zip(*sorted(rows), strict=True))
        if rows:
            await service_of(request).database.pool.execute(_KEEP, *columns)
        return Response(status_code=204)

    return router
