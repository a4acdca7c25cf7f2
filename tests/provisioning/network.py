"""What the tests of provisioning share: the network element, a catalogue, tasks."""

import asyncio
from typing import Any

import httpx
import orjson
from dualbus_events.calls import CallRunner
from dualbus_events.tasks import Task
from dualbus_kit.ids import new_id
from network_element.element import NetworkElement
from network_element.endpoints import create_network_element_app
from outside_program.behaviour import Behaviour, BehaviourSettings
from provisioning_svc.activation.completing import element_answered
from provisioning_svc.element.calls import KIND, perform_on
from provisioning_svc.element.http_element import HttpNetworkElement

from tests.harness import Harness, a_task, replies_in, task_messages

SERVICE_CATALOG = "/tmf-api/serviceCatalogManagement/v4/serviceSpecification"
RESOURCE_CATALOG = "/tmf-api/resourceCatalog/v4/resourceSpecification"
NUMBERS = {"prefix": "+9955", "width": 7, "first": 1, "last": 9_999_999}


class Provisioning:
    """The service, the element it activates on, and the calls between them."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.element = NetworkElement(Behaviour(BehaviourSettings(latency_ms=0)))
        app = create_network_element_app(self.element)
        self.element_client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://element"
        )

    @property
    def pool(self) -> Any:
        return self.harness.database.pool

    async def behave(self, **settings: Any) -> None:
        answer = await self.element_client.put("/admin/behaviour", json=settings)
        assert answer.status_code == 200, answer.text

    async def deliver(self, *tasks: Task) -> None:
        await self.harness.deliver(*task_messages(*tasks))

    async def call_element(self, *, attempts: int = 3, wait_ms: int = 100) -> None:
        """Make the waiting calls and apply their answers, until none is left."""
        element = HttpNetworkElement(self.element_client, wait_ms=wait_ms)
        runner = CallRunner(
            self.harness.database,
            kind=KIND,
            perform=perform_on(element, attempts=attempts),
            complete=element_answered,
        )
        await runner.start()
        while await self.waiting_calls():  # noqa: ASYNC110 - a table has no event to wait for
            await asyncio.sleep(0.005)
        await runner.stop()

    async def waiting_calls(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM outbound_call"))

    async def do(self, *tasks: Task) -> list[dict[str, Any]]:
        """Deliver tasks, call the element, and return the replies in the tasks' order."""
        await self.deliver(*tasks)
        await self.call_element()
        return await self.replies(*tasks)

    async def replies(self, *tasks: Task) -> list[dict[str, Any]]:
        replies = replies_in(await self.harness.published())
        return [replies[task.task_id] for task in tasks]

    async def answered(self, task: Task) -> bool:
        return task.task_id in replies_in(await self.harness.published())

    async def active(self) -> list[dict[str, Any]]:
        active: list[dict[str, Any]] = (await self.element_client.get("/admin/active")).json()[
            "active"
        ]
        return active

    async def bodies(self, table: str) -> list[dict[str, Any]]:
        rows = await self.pool.fetch(f"SELECT body FROM {table} ORDER BY id")
        return [orjson.loads(row["body"]) for row in rows]

    async def states(self, table: str, column: str = "state") -> list[str]:
        rows = await self.pool.fetch(f"SELECT {column} FROM {table} ORDER BY id")
        return [row[column] for row in rows]


async def load_catalogue(harness: Harness) -> None:
    for path, body in (
        (RESOURCE_CATALOG, {"id": "msisdn", "name": "Number", "category": "msisdn",
                            "pool": NUMBERS}),
        (RESOURCE_CATALOG, {"id": "sim", "name": "SIM", "category": "iccid",
                            "pool": {"prefix": "8999501", "first": "00000000001",
                                     "last": "99999999999", "luhn": True}}),
        (RESOURCE_CATALOG, {"id": "port", "name": "Port", "category": "port",
                            "pool": {"prefix": "PORT-", "first": 1, "last": 3}}),
        (SERVICE_CATALOG, {"id": "mobile", "name": "Mobile", "elementServiceType": "mobile-voice",
                           "resourceSpecification": [{"id": "msisdn"}, {"id": "sim"}]}),
        (SERVICE_CATALOG, {"id": "leased", "name": "leased-line",
                           "resourceSpecification": [{"id": "port"}]}),
        (SERVICE_CATALOG, {"id": "pair", "name": "pair",
                           "resourceSpecification": [{"id": "msisdn"}, {"id": "port"}]}),
    ):  # fmt: skip
        answer = await harness.client.post(path, json=body)
        assert answer.status_code == 201, answer.text


def activate(*specifications: str, product_id: str | None = None, **changes: Any) -> Task:
    """A task to activate a product that these service specifications realize."""
    payload = {
        "productOrder": {"id": "po-1", "href": "http://order/po-1"},
        "customerId": "c-1",
        "relatedParty": [
            {"id": "shop-1", "role": "seller"},
            {"id": "c-1", "name": "Ada", "role": "Customer"},
        ],
        "item": {
            "id": "1",
            "action": "add",
            "product": {
                "id": product_id or new_id(),
                "productCharacteristic": [{"name": "bandwidth", "value": 100}],
            },
        },
        "productSpecification": {
            "id": "ps-1",
            "name": "Mobile plan",
            "serviceSpecification": [{"id": id_} for id_ in specifications],
        },
        "results": {},
    }
    return a_task("provisioning.activate", payload, **changes)


def undo_of(task: Task, result: dict[str, Any] | None = None) -> Task:
    payload = {**task.payload, "undoes": task.task_id, "result": result or {}}
    return a_task(f"{task.type}.undo", payload, process_id=task.process_id)


def cease_of(task: Task) -> Task:
    return a_task("provisioning.cease", dict(task.payload), process_id=task.process_id)


def again(task: Task) -> Task:
    """The same product tried again: a new task."""
    return a_task(task.type, dict(task.payload), process_id=task.process_id)
