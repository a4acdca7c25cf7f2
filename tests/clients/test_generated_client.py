"""A client that openapi-generator made of TMF622's definition orders something, as it is."""

from pathlib import Path
from typing import Any

import pytest
from order_svc.service import SERVICE

from tests.clients.generated_client import generate_client
from tests.clients.live_service import live
from tests.order.order_world import load_catalogue

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

_BASE_PATH = "/tmf-api/productOrderingManagement/v4"


async def test_the_generated_client_orders_reads_lists_changes_and_cancels(
    postgres_dsn: str, tmp_path: Path
) -> None:
    client = generate_client("TMF622", "product_ordering", tmp_path)
    async with live(SERVICE, postgres_dsn) as service:
        await load_catalogue(service.harness)
        found: dict[str, Any] = await client.run("order_something.py", service.url + _BASE_PATH)

    placed, changed, cancelled = found["placed"], found["changed"], found["cancelled"]
    assert found["callback"] == "https://partner.example/events"
    assert placed["href"].startswith(f"{service.url}{_BASE_PATH}/productOrder/")
    assert placed["state"] == "acknowledged"
    assert placed["productOrderItem"][0]["productOffering"]["id"] == "internet"
    assert changed == {**placed, "description": "changed"}
    assert found["retrieved"] == changed
    assert found["listed"] == [changed]
    assert cancelled["cancellationReason"] == "moving abroad"
    assert cancelled["productOrder"]["id"] == placed["id"]
    assert found["refused"]["status"] == 409
    assert found["unknown"]["status"] == 404
    for refusal in (found["refused"], found["unknown"]):
        assert refusal["error"]["code"]
        assert refusal["error"]["status"] == str(refusal["status"])
