"""An owner and the ODS beside each other, for tests of what must be the same in both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from customer_svc.service import SERVICE as CUSTOMER_SERVICE
from dualbus_cli.ods.run_verify import verify_topic
from dualbus_cli.ods.verify import Verdict
from dualbus_cli.progress import SilentBoard
from dualbus_events.broker import TopicPartition
from dualbus_events.contract.customer import CUSTOMER
from dualbus_events.outbox import OutboxMessage
from dualbus_kit.clock import utc_now
from ods_svc.service import ods_service

from tests.harness import Harness, running

TOPIC = CUSTOMER.name


@dataclass
class Pair:
    """An owner and the ODS, with nothing between them but what a test delivers."""

    owner: Harness
    ods: Harness

    async def create(self, *ids: str) -> None:
        """Customers at their owner, with an attribute that no model knows."""
        body = {"name": "Ada", "engagedParty": {"id": "500"}, "zone": {"b": 1.50, "a": "ä"}}
        answers = await asyncio.gather(
            *(
                self.owner.client.post(
                    "/tmf-api/customerManagement/v4/customer", json={**body, "id": id_}
                )
                for id_ in ids
            )
        )
        assert {answer.status_code for answer in answers} == {201}

    async def relay(self) -> None:
        """What waits in the owner's outbox is handled by the ODS."""
        rows = await self.owner.database.pool.fetch(
            "SELECT event_id, topic, key, event_type, agg_version, headers, payload FROM outbox "
            "ORDER BY seq"
        )
        await self.ods.deliver(
            *(OutboxMessage(row[0], row[1], row[2].decode(), *tuple(row)[3:]) for row in rows)
        )
        await self.owner.forget_published()

    async def read_all(self) -> None:
        """The ODS knows that it has read all there is on the topic, for the next minute."""
        observe = self.ods.service.spec.observe
        assert observe is not None
        await observe(self.ods.database)({TopicPartition(TOPIC, 0): 0}, utc_now().timestamp() + 60)

    async def verify(self, *, wait_seconds: float = 0.0) -> Verdict:
        return await verify_topic(
            TOPIC,
            self.owner.client,
            self.ods.client,
            wait_seconds=wait_seconds,
            board=SilentBoard(),
        )


@asynccontextmanager
async def owner_and_ods(postgres_dsn: str) -> AsyncIterator[Pair]:
    async with (
        running(CUSTOMER_SERVICE, postgres_dsn) as owner,
        running(ods_service(), postgres_dsn) as ods,
    ):
        yield Pair(owner, ods)
