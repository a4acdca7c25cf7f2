"""Lists of many product orders: whichever way they are found, what is found is the same."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import pytest_asyncio
from dualbus_cli.bench.stored_orders import StoredOrders, store
from dualbus_kit.clock import timestamp
from order_svc.product_order.repository import ProductOrders
from order_svc.service import SERVICE

from tests.harness import Harness, running
from tests.order.order_world import ORDERS

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNT = 3_000
CHARACTERISTIC = "productOrderItem.product.productCharacteristic"
_BODY = {
    "id": "o",
    "href": f"http://dualbus.example{ORDERS}/o",
    "state": "completed",
    "orderDate": "2026-01-01T00:00:00.000Z",
    "productOrderItem": [
        {"id": "1", "action": "add", "productOffering": {"id": "fibre"}, "product": {"id": "p"}},
        {"id": "2", "action": "add", "productOffering": {"id": "phone"}, "product": {"id": "q"}},
    ],
    "@type": "ProductOrder",
}
STORED = StoredOrders([orjson.dumps(_BODY)], COUNT)
MONTH = (COUNT // 4, COUNT // 3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def many(postgres_dsn: str) -> AsyncIterator[Harness]:
    async with running(SERVICE, postgres_dsn) as harness:
        await store(harness.database.pool, STORED, lambda _: None)
        yield harness


Matches = Callable[[int], bool]
QUERIES: dict[str, tuple[dict[str, str], Matches]] = {
    "customer": (
        {"relatedParty.id": STORED.customer_of(400)},
        lambda n: STORED.customer_of(n) == STORED.customer_of(400),
    ),
    "state": ({"state": "held"}, lambda n: STORED.state_of(n) == "held"),
    "two states": (
        {"state": "failed,inProgress"},
        lambda n: STORED.state_of(n) in ("failed", "inProgress"),
    ),
    "month": (
        {
            "orderDate.gte": timestamp(STORED.date_of(MONTH[0])),
            "orderDate.lt": timestamp(STORED.date_of(MONTH[1])),
        },
        lambda n: MONTH[0] <= n < MONTH[1],
    ),
    "serial": ({f"{CHARACTERISTIC}.value": STORED.serial_of(77)}, lambda n: n == 77),
    "speed": ({f"{CHARACTERISTIC}.value": STORED.speed_of(1)}, lambda n: n % 3 == 1),
    "speed by name": (
        {f"{CHARACTERISTIC}.name": "downloadSpeed", f"{CHARACTERISTIC}.value": STORED.speed_of(1)},
        lambda n: n % 3 == 1,
    ),
    "speed of those in a state": (
        {f"{CHARACTERISTIC}.value": STORED.speed_of(1), "state": "failed,rejected"},
        lambda n: n % 3 == 1 and STORED.state_of(n) in ("failed", "rejected"),
    ),
    "offering": ({"productOrderItem.productOffering.id": "phone"}, lambda _: True),
    "another's value": ({"productOrderItem.product.id": "phone"}, lambda _: False),
}


@pytest.fixture(params=["as they come", "some are many", "walks end early", "walks go on"])
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are few, and how far to walk: by these a list decides how to find its page."""
    if request.param != "as they come":
        monkeypatch.setattr("dualbus_tmf.listing.EXACT_INSIDE", 20)
        monkeypatch.setattr("dualbus_tmf.listing._DENSE", 40)
    if request.param.startswith("walks"):
        monkeypatch.setattr("dualbus_tmf.list_sql._WALKED_LEAST", 1)
        monkeypatch.setattr("dualbus_tmf.list_sql._WALKED_PER_WANTED", 1)
    if request.param == "walks go on":
        monkeypatch.setattr("dualbus_tmf.listing._TOO_MANY", 40)


@pytest.mark.usefixtures("bounds")
@pytest.mark.parametrize("name", list(QUERIES))
async def test_page_holds_what_matches_in_the_order_asked_for(many: Harness, name: str) -> None:
    query, matches = QUERIES[name]
    numbers = [n for n in range(COUNT) if matches(n)]
    orders = {
        "": numbers,
        "orderDate": numbers,
        "-orderDate": numbers[::-1],
        "state,-orderDate": sorted(numbers, key=lambda n: (STORED.state_of(n), -n)),
    }

    for sort, expected in orders.items():
        for offset in (0, 7, len(numbers) + 5):
            page = {"sort": sort, "limit": "10", "offset": str(offset)}
            answer = await many.client.get(ORDERS, params=query | page)

            found = [order["id"] for order in answer.json()]
            assert found == [STORED.id_of(n) for n in expected[offset : offset + 10]], page
            total = int(answer.headers["x-total-count"])
            if "x-total-count-estimated" in answer.headers:
                assert min(total, len(numbers)) > 20
            else:
                assert total == len(numbers)


async def test_number_and_text_of_a_characteristic_are_found_by_the_index_too(
    many: Harness,
) -> None:
    values: list[Any] = [1000, "1000", True, {"a": 1}, [1000], 1000.0, "10.00", None]
    items = [
        {"id": str(n), "action": "add", "product": {"productCharacteristic": [{"value": value}]}}
        for n, value in enumerate(values)
    ]
    body = {**_BODY, "id": "odd", "productOrderItem": items}
    async with many.database.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO product_order (id, version, body, state, order_date, party_ids) "
            "VALUES ('odd', 1, $1, 'held', now(), '[]')",
            orjson.dumps(body),
        )
        for text, found in (("1000", 1), ("true", 1), ("10.00", 1), ("10", 0), ("false", 0)):
            answer = await many.client.get(f"{ORDERS}?{CHARACTERISTIC}.value={quote(text)}")
            by_body = await many.client.get(
                f"{ORDERS}?{CHARACTERISTIC}.value={quote(text)}&productOrderItem.action=add"
            )

            assert len(answer.json()) == len(by_body.json()) == found, text
        await connection.execute("DELETE FROM product_order WHERE id = 'odd'")


async def test_list_of_a_time_is_in_the_order_of_time_unless_another_is_asked_for(
    many: Harness,
) -> None:
    query, _ = QUERIES["month"]
    number = MONTH[0] + 4
    async with many.database.pool.acquire() as connection:
        await connection.execute(
            "UPDATE product_order SET id = 'z' WHERE id = $1", STORED.id_of(number)
        )
        by_time = await many.client.get(ORDERS, params=query)
        by_id = await many.client.get(ORDERS, params=query | {"sort": "id"})
        await connection.execute(
            "UPDATE product_order SET id = $1 WHERE id = 'z'", STORED.id_of(number)
        )

    body_id = STORED.id_of(number)
    assert [order["id"] for order in by_time.json()].index(body_id) == 4
    assert [order["id"] for order in by_id.json()][-1] == body_id


async def test_stored_copies_have_the_columns_that_order_svc_gives_them(many: Harness) -> None:
    rows = await many.database.pool.fetch("SELECT * FROM product_order ORDER BY id LIMIT 3")

    for row in rows:
        order = ProductOrders.of_row(row["version"], row["body"]).document
        columns = {name: value(order) for name, value in ProductOrders.columns.items()}
        parties = orjson.dumps(orjson.loads(row["party_ids"]))
        assert order.id == row["id"]
        assert columns == {name: row[name] for name in columns} | {"party_ids": parties}
