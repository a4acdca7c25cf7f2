"""Which of the run's orders wait for a person, and why: what order-svc's operators see."""

from collections.abc import Sequence

import httpx

from dualbus_cli.demo.channels import TakenOrder
from dualbus_cli.demo.outcome import Fallout

_LIMIT = 1000


async def fallout_of(url: str, orders: Sequence[TakenOrder]) -> list[Fallout]:
    """The newest thousand processes in fallout, those of the run."""
    by_id = {order.id: order for order in orders}
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        parameters = {"state": "fallout", "limit": str(_LIMIT)}
        answer = (await client.get("/ops/process", params=parameters)).raise_for_status().json()
    return [
        Fallout(
            order_id=process["id"],
            customer_id=by_id[process["id"]].plan.customer_id,
            reasons=[
                f"{one['task']}: {one['error'].get('code')}: {one['error'].get('message')}"
                for one in process["trouble"]
            ],
        )
        for process in answer["process"]
        if process["id"] in by_id
    ]
