"""Nothing old is shown as if it were new: parts, lists, timelines and metrics say how old."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dualbus_events.broker import TopicPartition
from dualbus_events.catalogue import FACT_TOPICS, TASK_TOPICS, TOPICS
from dualbus_events.heartbeat import Heartbeat
from dualbus_events.messages import UnreadableMessage, open_envelope
from dualbus_events.outbox import heartbeat_message
from ods_svc.projection.heartbeats import project_beat
from ods_svc.service import ods_service

from tests.harness import Harness, record_of, running
from tests.ods.ods_samples import a_customer, an_order
from tests.waiting import eventually

VIEW = "/tmf-api/customer360/v4/customer360"
OWNERS = sorted({t.owner for t in FACT_TOPICS} | {t.owner for t in TASK_TOPICS})


def now() -> datetime:
    return datetime.now(UTC)


async def beat(ods: Harness, *services: str, ago: float = 0.0, unpublished: float = 0.0) -> None:
    """Hearts that beat so many seconds ago, when something had waited for so long."""
    moment = now() - timedelta(seconds=ago)
    await ods.deliver(
        *(
            heartbeat_message(
                f"{service}-svc",
                service,
                now=moment,
                published_up_to=moment - timedelta(seconds=unpublished),
            )
            for service in services
        )
    )


async def read_all(ods: Harness, *, ago: float = 0.0) -> None:
    """The ODS had read all topics so many seconds ago."""
    observe = ods.service.spec.observe
    assert observe is not None
    everything = {TopicPartition(topic.name, 0): 0 for topic in TOPICS}
    await observe(ods.database)(everything, now().timestamp() - ago)


async def stale_parts(ods: Harness, query: str = "") -> set[str]:
    view = await ods.client.get(f"{VIEW}/c1{query}")
    said = view.headers.get("X-Projection-Stale", "")
    in_body = {name for name, part in view.json()["freshness"].items() if part["stale"]}
    assert in_body == set(filter(None, said.split(", ")))
    return in_body


async def test_parts_are_fresh_while_all_is_read_and_hearts_beat(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(a_customer("c1"))
        unknown = await stale_parts(ods)

        await beat(ods, *OWNERS, ago=6)
        await read_all(ods, ago=1)
        # The service itself asks its database five times a second.
        await eventually(lambda: stale_parts(ods), set(), seconds=25)
        view = await ods.client.get(f"{VIEW}/c1")

    assert {"customer", "productOrder", "service", "alarm"} <= unknown
    assert 1_000 <= view.json()["freshness"]["productValue"]["lagMs"] < 15_000
    assert int(view.headers["X-Projection-Lag-Ms"]) >= 1_000


async def test_parts_of_an_owner_whose_heart_stopped_are_stale(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(a_customer("c1"))
        await beat(ods, *(set(OWNERS) - {"assurance"}))
        await beat(ods, "assurance", ago=40)
        await read_all(ods)

        stale = await stale_parts(ods)

    # An order's track has assurance-svc's replies in it.
    own = {"alarm", "troubleTicket", "serviceLevelAgreement", "serviceProblem"}
    assert stale == own | {"productOrder"}


async def test_part_is_stale_while_its_owner_does_not_get_rid_of_its_outbox(
    postgres_dsn: str,
) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(a_customer("c1"))
        await beat(ods, *(set(OWNERS) - {"billing"}))
        await beat(ods, "billing", unpublished=30)
        await read_all(ods)

        stale = await stale_parts(ods, "?expand=charge")

    # Bills may lag for a minute.
    assert stale == {"account", "charge", "productOrder"}


async def test_a_beat_counts_only_once_all_that_stood_before_it_is_read(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(a_customer("c1"))
        await beat(ods, *OWNERS, ago=60)
        await beat(ods, *OWNERS)

        await read_all(ods, ago=20)
        view = (await ods.client.get(f"{VIEW}/c1")).json()

    part = view["freshness"]["productValue"]
    assert part["stale"] is True
    assert part["publishedUpTo"] < part["asOf"]


async def test_every_answer_says_how_fresh_it_is_whatever_was_asked_for(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(a_customer("c1"), an_order("o1", "c1"))
        await beat(ods, *(set(OWNERS) - {"billing"}))
        await read_all(ods)

        one = await ods.client.get(f"{VIEW}/c1?fields=account,productValue")
        other = await ods.client.get(f"{VIEW}/c1?fields=productValue")
        listed = await ods.client.get(VIEW)
        timeline = await ods.client.get(f"{VIEW}/c1/timeline")

    assert one.headers["X-Projection-Stale"] == "account"
    assert "X-Projection-Stale" not in other.headers
    assert "account" in listed.headers["X-Projection-Stale"]
    assert "charge" in timeline.headers["X-Projection-Stale"]
    assert all(
        int(answer.headers["X-Projection-Lag-Ms"]) >= 0 for answer in (one, other, listed, timeline)
    )


async def test_staleness_and_drift_are_metrics(postgres_dsn: str) -> None:
    topic, unknown = "order.product.v1", "order.secret.v1"
    async with running(ods_service(), postgres_dsn) as ods:
        await beat(ods, *(set(OWNERS) - {"provisioning"}))
        found: dict[str, Any] = {"topic": [{"topic": topic, "differences": {"missing": 3}}]}
        kept = await ods.client.post("/ops/ods/verification", json=found)
        wrong = {"topic": [{"topic": unknown, "differences": {}}]}
        refused = await ods.client.post("/ops/ods/verification", json=wrong)
        await read_all(ods)

        drifted = (await ods.client.get("/metrics")).text
        found["topic"][0]["differences"] = {}
        await ods.client.post("/ops/ods/verification", json=found)
        await read_all(ods)
        mended = (await ods.client.get("/metrics")).text

    assert (kept.status_code, refused.status_code) == (204, 400)
    assert 'ods_part_stale{part="service"} 1.0' in drifted
    assert 'ods_part_stale{part="productValue"} 0.0' in drifted
    assert f'ods_drift_resources{{cause="missing",topic="{topic}"}} 3.0' in drifted
    assert f'ods_drift_resources{{cause="missing",topic="{topic}"}} 0.0' in mended
    assert f'ods_verified_timestamp_seconds{{topic="{topic}"}}' in mended
    assert 'ods_part_lag_seconds{part="productValue"}' in mended


async def test_heart_tells_the_oldest_commit_that_waits(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as service:
        pool = service.database.pool
        heart = Heartbeat(service.database, "owner")
        await heart.beat()
        [idle] = await service.published("heartbeat.v1")
        await service.forget_published()
        waiting = (
            "INSERT INTO outbox (shard, event_id, topic, key, event_type, agg_version, headers, "
            "payload, created_at) VALUES ($1, gen_random_uuid(), 't', $2, 'x', 1, '{}', '{}', $3)"
        )
        old, older = (datetime(2026, 3, day, tzinfo=UTC) for day in (2, 1))
        await pool.execute(waiting, 3, b"waits", old)
        await pool.execute(waiting, 5, b"refused", older)
        await pool.execute(
            "INSERT INTO outbox_parked (topic, key, event_id, error) "
            "VALUES ('t', 'refused', gen_random_uuid(), 'x')"
        )

        await heart.beat()
        [busy] = await service.published("heartbeat.v1")

    assert (idle.key, idle.body["publishedUpTo"]) == ("owner", idle.body["time"])
    assert busy.body["publishedUpTo"] == "2026-03-02T00:00:00.000Z"


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"service":"x"}', b'{"service":"x","time":"y"}'])
def test_unreadable_beat_is_refused(payload: bytes) -> None:
    whole = heartbeat_message("x-svc", "x", now=now(), published_up_to=now())

    with pytest.raises(UnreadableMessage):
        project_beat(open_envelope(record_of(replace(whole, payload=payload))))
