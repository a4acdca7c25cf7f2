"""Makes the network element fail or dawdle for some customers, and puts it right again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from dualbus_cli.demo.other_orders import FAILING, SLOW

_BEHAVIOUR: Final = "/admin/behaviour"
_SLOW_MS: Final = 12_000


@asynccontextmanager
async def network_faults(url: str, *, run: str) -> AsyncIterator[None]:
    """While in the context, activations for the run's failing and slow customers are so."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        before: dict[str, Any] = (await client.get(_BEHAVIOUR)).raise_for_status().json()
        rules = [
            _rule(run, FAILING, {"outcome": "fail"}),
            _rule(run, SLOW, {"outcome": "ok", "latencyMs": _SLOW_MS}),
        ]
        during = {**before, "rules": [*rules, *before["rules"]]}
        (await client.put(_BEHAVIOUR, json=during)).raise_for_status()
        try:
            yield
        finally:
            (await client.put(_BEHAVIOUR, json=before)).raise_for_status()


def _rule(run: str, kind: str, behaviour: dict[str, Any]) -> dict[str, Any]:
    return {"match": {"customerId": f"{run}-{kind}-*", "op": "activate"}, **behaviour}


async def active_customers(url: str) -> list[str]:
    """The customer of every activation that the network element has, the truth about it."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        answer = (await client.get("/admin/active")).raise_for_status().json()
    return [str(one.get("customerId", "")) for one in answer["active"]]
