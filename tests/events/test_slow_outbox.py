"""A relay whose database is slow: rounds that take long are no reason to give up."""

import pytest
from dualbus_events import relay as relay_module
from dualbus_events.memory import MemoryBroker, MemoryProducer
from dualbus_events.relay import Relay
from dualbus_kit.database import open_pool

from tests.events.outbox_rows import insert_row
from tests.harness import fresh_database

_TOPIC = "test.slow.v1"
_SLOW = """
ALTER FUNCTION outbox_next RENAME TO quick_outbox_next;
CREATE FUNCTION outbox_next(
  a smallint[], b bigint[], c integer, d smallint[], e bigint[], f integer
) RETURNS TABLE (
  shard smallint, seq bigint, event_id uuid, topic text, key bytea, headers bytea, payload bytea
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(0.2);
  RETURN QUERY SELECT * FROM quick_outbox_next(a, b, c, d, e, f);
END $$
"""


async def test_rounds_that_take_long_publish_all_the_same(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They once gave up what they had read, each time, while an old snapshot kept dead rows."""
    monkeypatch.setattr(relay_module, "_STALE_SECONDS", 0.1)
    dsn = await fresh_database(postgres_dsn)
    async with await open_pool(dsn, size=3, application_name="test") as pool:
        await pool.execute(_SLOW)
        await insert_row(pool, _TOPIC)

        published = await Relay(pool, MemoryProducer(MemoryBroker({_TOPIC: 1}))).publish_once()

        assert published == 1
        assert await pool.fetchval("SELECT count(*) FROM outbox") == 0
