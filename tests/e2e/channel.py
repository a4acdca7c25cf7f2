"""A sales channel over HTTP: customers, orders, and what the operator's network is told to do."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
from dualbus_kit.ids import new_id

from tests.e2e.running_system import RunningSystem, eventually

CUSTOMER_PATH = "/tmf-api/customerManagement/v4/customer"
INDIVIDUAL_PATH = "/tmf-api/party/v4/individual"
ORDER_PATH = "/tmf-api/productOrderingManagement/v4/productOrder"
CANCEL_PATH = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
VIEW_PATH = "/tmf-api/customer360/v4/customer360"

Body = dict[str, Any]


def party(customer_id: str, role: str = "customer") -> Body:
    return {"id": customer_id, "role": role, "@referredType": "Customer"}


def item(offering: str, item_id: str = "1") -> Body:
    return {
        "id": item_id,
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": offering},
    }


def an_order(customer_id: str, *offerings: str, **changes: Any) -> Body:
    """An order that adds one item per offering; `changes` replace whole attributes."""
    items = [item(offering, str(number)) for number, offering in enumerate(offerings, 1)]
    return {"relatedParty": [party(customer_id)], "productOrderItem": items, **changes}


def product_ids(order: Mapping[str, Any]) -> list[str]:
    """The products an order adds, in the order of its items."""
    return [one["product"]["id"] for one in order["productOrderItem"] if one["action"] == "add"]


class Channel:
    """Sends raw HTTP to the services, in turn to each process of theirs."""

    def __init__(self, system: RunningSystem, client: httpx.AsyncClient) -> None:
        self.client = client
        self._stack = system.stack
        self._bases: dict[str, Iterator[str]] = {}

    def url(self, program: str, path: str) -> str:
        bases = self._bases.setdefault(program, itertools.cycle(self._stack.urls(program)))
        return next(bases) + path

    async def customers(self, count: int, *, named: str | None = None) -> list[str]:
        """Ids of new customers, each an individual of their own.

        `named` customers are known by it: their ids are `<named>-0` and so on.
        """
        ids = [f"{named}-{number}" if named else None for number in range(count)]
        made = await asyncio.gather(*(self._customer(n, id_) for n, id_ in enumerate(ids)))
        return list(made)

    async def customer(self) -> str:
        [made] = await self.customers(1)
        return made

    async def _customer(self, number: int, customer_id: str | None) -> str:
        name = f"Customer {number}"
        person = await self._created(
            "customer", INDIVIDUAL_PATH, {"givenName": "Customer", "familyName": str(number)}
        )
        engaged = {"id": person["id"], "name": name, "@referredType": "Individual"}
        body = {
            "name": name,
            "engagedParty": engaged,
            **({"id": customer_id} if customer_id else {}),
        }
        return str((await self._created("customer", CUSTOMER_PATH, body))["id"])

    async def _created(self, service: str, path: str, body: Body) -> Body:
        answer = await self.client.post(self.url(service, path), json=body)
        assert answer.status_code == 201, answer.text
        created: Body = answer.json()
        return created

    async def post_order(self, body: Body, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or new_id()}
        return await self.client.post(self.url("order", ORDER_PATH), json=body, headers=headers)

    async def place(self, body: Body) -> Body:
        """The order as it was taken."""
        answer = await self.post_order(body)
        assert answer.status_code == 201, answer.text
        taken: Body = answer.json()
        return taken

    async def cancel(self, order_id: str, *, key: str | None = None) -> httpx.Response:
        """The answer to a cancellation, which says whether it was still possible."""
        return await self.client.post(
            self.url("order", CANCEL_PATH),
            json={"productOrder": {"id": order_id}},
            headers={"Idempotency-Key": key or new_id()},
        )

    async def get(self, service: str, path: str, **query: Any) -> Any:
        answer = await self.client.get(self.url(service, path), params=query)
        assert answer.status_code in (200, 206), answer.text
        return answer.json()

    async def order(self, order_id: str) -> Body:
        found: Body = await self.get("order", f"{ORDER_PATH}/{order_id}")
        return found

    async def until_state(self, order_id: str, state: str, *, seconds: float = 60) -> Body:
        """The order once it is in a state."""

        async def current() -> object:
            return (await self.order(order_id))["state"]

        await eventually(current, state, seconds=seconds)
        return await self.order(order_id)

    async def complete(self, body: Body) -> Body:
        """Place an order and wait until it is completed."""
        taken = await self.place(body)
        return await self.until_state(taken["id"], "completed")

    async def view(self, customer_id: str, **query: Any) -> Body:
        """What one read of the ODS says of a customer."""
        found: Body = await self.get("ods", f"{VIEW_PATH}/{customer_id}", **query)
        return found

    async def network(self, *rules: Body) -> None:
        """How the network element behaves from now on; without rules as always."""
        url = self.url("network_element", "/admin/behaviour")
        answer = await self.client.put(url, json={"rules": list(rules)})
        assert answer.status_code == 200, answer.text

    async def active_in_network(self) -> Sequence[Body]:
        """What the network element has active: the truth to compare an inventory with."""
        answer = await self.client.get(self.url("network_element", "/admin/active"))
        active: list[Body] = answer.json()["active"]
        return active
