"""One verification: every topic, at its owner and in the ODS, over HTTP."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import httpx
from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic

from dualbus_cli.ods.facts_client import ODS, OWNER, FactsClient
from dualbus_cli.ods.freshness_client import FreshnessClient
from dualbus_cli.ods.verify import Comparison, Difference, Verdict
from dualbus_cli.progress import Board, Step

# A range of 1,000 large documents takes well under a second; the machine may be busy.
_TIMEOUT_SECONDS: Final = 60
_NOTE_EVERY_SECONDS: Final = 0.2


class VerifyFailed(RuntimeError):
    """The comparison could not be made; the message says why."""


def topics_named(names: Sequence[str] | None) -> list[FactTopic[Document]]:
    """All topics of facts, or those with these names. Raises VerifyFailed for an unknown one."""
    known = {topic.name: topic for topic in FACT_TOPICS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise VerifyFailed(f"{unknown[0]} is no topic of facts")
    return [known[name] for name in names] if names else list(FACT_TOPICS)


async def verify(
    url_of: Callable[[str], str],
    *,
    topics: Sequence[str] | None,
    wait_seconds: float,
    board: Board,
) -> list[Verdict]:
    """Verdicts by topic; `url_of` is the base URL of `/ops` of a service by its short name.

    Raises VerifyFailed, httpx.HTTPError, or what `url_of` raises.
    """
    chosen = topics_named(topics)
    async with contextlib.AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(
                httpx.AsyncClient(base_url=url_of(name), timeout=_TIMEOUT_SECONDS)
            )
            for name in {"ods", *(topic.owner for topic in chosen)}
        }
        verdicts = [
            await verify_topic(
                topic.name,
                clients[topic.owner],
                clients["ods"],
                wait_seconds=wait_seconds,
                board=board,
            )
            for topic in chosen
        ]
        await record(clients["ods"], verdicts)
        return verdicts


async def record(ods: httpx.AsyncClient, verdicts: Sequence[Verdict]) -> None:
    """Tell the ODS what was found, which shows it as metrics of its drift."""
    found = [
        {"topic": one.topic, "differences": Counter(d.cause for d in one.settled)}
        for one in verdicts
    ]
    answer = await ods.post("/ops/ods/verification", json={"topic": found})
    answer.raise_for_status()


async def verify_topic(
    topic: str,
    owner: httpx.AsyncClient,
    ods: httpx.AsyncClient,
    *,
    wait_seconds: float,
    board: Board,
) -> Verdict:
    """Compare one topic; `owner` and `ods` have the base URLs of the two services."""
    comparison = Comparison(
        FactsClient(owner, OWNER, topic),
        FactsClient(ods, ODS, topic),
        read_up_to=FreshnessClient(ods).read_up_to,
        wait_seconds=wait_seconds,
    )
    with board.step(topic) as step:
        async with _noted(step, comparison.verdict):
            verdict = await comparison.run()
        found = f"{len(verdict.settled)} differ" if verdict.settled else "equal"
        step.note = f"{verdict.documents:,} documents, {found}"
    return verdict


@contextlib.asynccontextmanager
async def _noted(step: Step, verdict: Verdict) -> AsyncIterator[None]:
    """Keep the step's note up to date meanwhile."""

    async def note() -> None:
        while True:
            step.note = f"{verdict.ranges_compared:,} of {verdict.ranges:,} ranges"
            await asyncio.sleep(_NOTE_EVERY_SECONDS)

    noting = asyncio.create_task(note())
    try:
        yield
    finally:
        noting.cancel()


def report_of(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """As JSON; `equal` is true when nothing differs but what is in flight."""
    return {
        "equal": not any(verdict.settled for verdict in verdicts),
        "topic": [
            {"topic": one.topic, "documents": one.documents, "ranges": one.ranges}
            for one in verdicts
        ],
        "differences": [_shown(v.topic, one) for v in verdicts for one in v.settled],
        "inFlight": [
            _shown(v.topic, one) for v in verdicts for one in v.differences if one.in_flight
        ],
    }


def _shown(topic: str, one: Difference) -> dict[str, Any]:
    return {
        "topic": topic,
        "id": one.id,
        "cause": one.cause,
        "ownerVersion": one.owner_version,
        "odsVersion": one.ods_version,
        "where": one.where,
    }
