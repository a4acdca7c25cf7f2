"""What monitoring asks of the projection: how old its parts may be, and how it drifted."""

from collections.abc import Callable, Mapping

from dualbus_events.broker import TopicPartition
from dualbus_events.unit_of_work import Database
from dualbus_kit.clock import utc_now
from prometheus_client import Gauge

from ods_svc.customer360.parts import ALL_PARTS
from ods_svc.freshness import FreshnessReader, Observe, write_freshness
from ods_svc.projection.progress import Progress

PART_LAG = Gauge(
    "ods_part_lag_seconds",
    "Age of the oldest message that a part of the view might not show yet; -1: unknown.",
    ["part"],
)
PART_STALE = Gauge(
    "ods_part_stale", "1 while a part of the view lags more than its limit.", ["part"]
)
DRIFT = Gauge(
    "ods_drift_resources",
    "Resources that the last verification found to differ from their owner.",
    ["topic", "cause"],
)
VERIFIED = Gauge(
    "ods_verified_timestamp_seconds", "When a topic was last compared with its owner.", ["topic"]
)

_VERIFICATIONS = """
SELECT topic, cause, differences, extract(epoch FROM verified_at)::float8 AS verified_at
FROM verification
"""


def projection_observer(progress: Progress) -> Callable[[Database], Observe]:
    """For ServiceSpec.observe: writes the freshness once a second, and keeps the gauges."""

    def of(database: Database) -> Observe:
        write = write_freshness(progress, database)
        reader = FreshnessReader({part.name: part.sources for part in ALL_PARTS})

        async def observe(lag: Mapping[TopicPartition, int], moment: float) -> None:
            await write(lag, moment)
            await _measure_parts(database, reader)
            await _measure_drift(database)

        return observe

    return of


async def _measure_parts(database: Database, reader: FreshnessReader) -> None:
    freshness, now = await reader.read(database.pool), utc_now()
    for part in ALL_PARTS:
        fresh = freshness[part.name]
        lag = fresh.lag_ms(now)
        PART_LAG.labels(part.name).set(-1 if lag is None else lag / 1000)
        PART_STALE.labels(part.name).set(fresh.is_stale(now, part.stale_after))


async def _measure_drift(database: Database) -> None:
    for row in await database.pool.fetch(_VERIFICATIONS):
        DRIFT.labels(row["topic"], row["cause"]).set(row["differences"])
        VERIFIED.labels(row["topic"]).set(row["verified_at"])
