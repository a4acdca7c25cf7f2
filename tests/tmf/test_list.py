"""Filters, order, pages and projections of a list, on real PostgreSQL."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from dualbus_events.unit_of_work import Database
from dualbus_tmf.list_query import parse_list_query
from dualbus_tmf.listing import Listing

from tests.tmf.sample_app import ORDERS, ProductOrder, ProductOrders

Orders = Callable[[dict[str, dict[str, Any]]], Awaitable[None]]


def party(party_id: str, role: str) -> dict[str, str]:
    return {"id": party_id, "role": role, "@referredType": "Customer"}


THREE: dict[str, dict[str, Any]] = {
    "a": {
        "state": "acknowledged",
        "orderDate": "2026-01-01T00:00:00.000Z",
        "completionDate": "2026-01-05T12:00:00.000Z",
        "description": "O'Brien, first",
        "priority": "10",
        "relatedParty": [party("7", "customer"), party("8", "seller")],
        "weight": 9,
        "urgent": True,
    },
    "b": {
        "state": "completed",
        "orderDate": "2026-02-01T00:00:00.000Z",
        "description": 'says "hi"',
        "relatedParty": [party("8", "customer"), party("7", "payer")],
        "weight": 10,
        "urgent": False,
        "externalId": "x-1",
        "extra": {"deep": [{"name": "n"}]},
    },
    "c": {
        "state": "inProgress",
        "orderDate": "2026-03-01T00:00:00.123Z",
        "description": "c\\d",
        "weight": "9",
    },
}


@pytest.fixture
async def three(place: Orders) -> None:
    await place(THREE)


async def ids(client: httpx.AsyncClient, query: str) -> str:
    answer = await client.get(f"{ORDERS}?{query}")
    assert answer.status_code == 200, answer.text
    found = [one["id"] for one in answer.json()]
    assert answer.headers["x-total-count"] == str(len(found))
    return "".join(found)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abc"),
        ("id=b", "b"),
        ("id=a,c", "ac"),
        ("state=completed", "b"),
        ("state=completed,inProgress", "bc"),
        ('state="completed"', "b"),
        ("state='completed','inProgress'", "bc"),
        ("state.ne=completed", "ac"),
        ("externalId.ne=x-1", "ac"),
        ("state.eq=completed&id=a", ""),
        ("href=http://dualbus.example" + ORDERS + "/b", "b"),
        ("href=http://elsewhere/b", ""),
        ("priority=10", "a"),
        ("priority='10'", "a"),
        ("relatedParty.id=7", "ab"),
        ("relatedParty.role=payer", "b"),
        ("relatedParty.id=7&relatedParty.role=customer", "a"),
        ("relatedParty.id.ne=7", "c"),
        ("productOrderItem.action=add", "abc"),
        ("extra.deep.name=n", "b"),
        ("weight=9", "ac"),
        ("weight.gt=9", "b"),
        ("weight.gte=9", "abc"),
        ("weight.lt=10", "a"),
        ("urgent=true", "a"),
        ("urgent=false", "b"),
        ("unknown=1", ""),
        ("externalId.regex=^x-", "b"),
        ("description.regex=O'B.*n", "a"),
        ("state.regex=^(completed|inProgress)$", "bc"),
        ("description=O%27Brien, first", "a"),
        ('description="O%27Brien, first",c%5Cd', "ac"),
        ('description=says "hi"', "b"),
        ("orderDate=2026-02-01T00:00:00.000Z", "b"),
        ("orderDate='2026-03-01T00:00:00.123Z'", "c"),
        ("orderDate=2026-02-01T00:00:00Z", "b"),
        ("orderDate=2026-02-01T01:00:00%2B01:00", "b"),
        ("orderDate=2026-02-01T00:00:00+00:00", "b"),
        ("orderDate.gt=2026-02-01T00:00:00Z", "c"),
        ("orderDate.gte=2026-02-01T00:00:00Z&orderDate.lt=2026-03-01T00:00:00Z", "b"),
        ("orderDate.gte=2026-02-01", "bc"),
        ("completionDate.lte=2026-01-05T12:00:00Z", "a"),
        ("completionDate=2026-01-05T12:00:00+00:00", "a"),
        ("completionDate.gt=2026-01-05T12:00:00Z", ""),
        ("sort=-orderDate", "cba"),
        ("sort=+orderDate", "abc"),
        ("sort=%2BorderDate", "abc"),
        ("sort=completionDate,-state", "acb"),
        ("sort=-externalId,-id", "bca"),
        ("sort=relatedParty.id", "abc"),
    ],
)
async def test_list_holds_what_the_query_asks_for(
    client: httpx.AsyncClient, query: str, expected: str
) -> None:
    assert sorted(await ids(client, query)) == sorted(expected)
    if "sort" in query:
        assert await ids(client, query) == expected


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("state.like=x", "state.like"),
        ("relatedParty.id.contains=x", "relatedParty.id.contains"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=1.5", "limit"),
        ("limit=²", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("sort=-a%27;drop", "sort"),
        ("description.regex=[a", "description.regex"),
        ("description.regex=" + "a" * 201, "description.regex"),
        ("state%27 OR 1=1", "state' OR 1"),
        ("a..b=1", "a..b"),
        ("state=%00", "state"),
        ("a.b.c.d.e.f.g.h.i.j=1", "a.b.c.d.e.f.g.h.i.j"),
    ],
)
async def test_query_that_makes_no_sense_is_a_problem_that_names_the_parameter(
    client: httpx.AsyncClient, query: str, named: str
) -> None:
    answer = await client.get(f"{ORDERS}?{query}")

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalidFilter"
    assert answer.json()["detail"].startswith(f"{named}: ")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE product_order; --",
        '" || true || "',
        '") || exists(@.id ? (@ == "a',
        "\\",
        '\\"',
        "$1",
        "{}",
        "%",
        "\U0001f419",
        "\x7f\x01",
    ],
)
async def test_text_of_a_filter_is_only_ever_compared(
    client: httpx.AsyncClient, database: Database, text: str
) -> None:
    for attribute in ("id", "href", "state", "description", "relatedParty.id", "state.ne"):
        answer = await client.get(ORDERS, params={attribute: text})

        expected = 3 if attribute.endswith(".ne") else 0
        assert (answer.status_code, len(answer.json())) == (200, expected), attribute

    assert await database.pool.fetchval("SELECT count(*) FROM product_order") == 3


async def test_any_stored_text_is_found_by_itself(client: httpx.AsyncClient, place: Orders) -> None:
    texts = ["a,b", "'x", '"', "''", "a\tb\n", "Ünïcødé \U0001f419", "1e5", "null", "true", ""]
    await place({f"o{n}": {"description": text} for n, text in enumerate(texts)})

    for n, text in enumerate(texts):
        answer = await client.get(ORDERS, params={"description": f'"{text}"'})
        assert f"o{n}" in [one["id"] for one in answer.json()], text


async def test_unpaged_list_is_complete_and_200(client: httpx.AsyncClient, place: Orders) -> None:
    await place({f"o{n:02}": {} for n in range(12)})

    answer = await client.get(ORDERS)

    assert (answer.status_code, len(answer.json())) == (200, 12)
    assert (answer.headers["x-total-count"], answer.headers["x-result-count"]) == ("12", "12")
    assert "link" not in answer.headers


async def test_list_longer_than_the_cap_is_still_200_and_links_to_the_rest(
    client: httpx.AsyncClient, place: Orders
) -> None:
    await place({f"o{n:04}": {} for n in range(1002)})

    answer = await client.get(ORDERS)
    rest = await client.get(answer.links["next"]["url"])

    assert (answer.status_code, len(answer.json())) == (200, 1000)
    assert answer.headers["x-total-count"] == "1002"
    assert [one["id"] for one in rest.json()] == ["o1000", "o1001"]
    assert rest.status_code == 206


async def test_pages_lead_to_each_other_and_keep_the_filters(
    client: httpx.AsyncClient, place: Orders
) -> None:
    await place({f"o{n:02}": {"description": "a & b"} for n in range(12)} | {"p": {}})

    first = await client.get(ORDERS, params={"description": "a & b", "limit": "5"})
    second = await client.get(first.links["next"]["url"])
    third = await client.get(second.links["next"]["url"])

    assert [page.status_code for page in (first, second, third)] == [206] * 3
    assert [page.headers["x-result-count"] for page in (first, second, third)] == ["5", "5", "2"]
    assert {page.headers["x-total-count"] for page in (first, second, third)} == {"12"}
    seen = [one["id"] for page in (first, second, third) for one in page.json()]
    assert seen == [f"o{n:02}" for n in range(12)]
    assert "next" not in third.links
    assert "prev" not in first.links
    assert third.links["last"]["url"] == str(second.links["next"]["url"])
    assert second.links["prev"]["url"] == second.links["first"]["url"]
    assert urlsplit(second.links["first"]["url"])[1] == "dualbus.example"
    assert parse_qs(urlsplit(second.links["first"]["url"]).query)["description"] == ["a & b"]


async def test_page_that_holds_everything_is_200(client: httpx.AsyncClient, place: Orders) -> None:
    await place({"a": {}, "b": {}})

    answer = await client.get(ORDERS, params={"limit": "2", "offset": "0"})

    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "2")


async def test_page_behind_the_end_is_empty_and_still_counts(
    client: httpx.AsyncClient, place: Orders
) -> None:
    await place({"a": {}, "b": {}})

    behind = await client.get(ORDERS, params={"offset": "5"})
    none = await client.get(ORDERS, params={"limit": "0"})

    for answer in (behind, none):
        assert (answer.status_code, answer.json()) == (206, [])
        assert answer.headers["x-total-count"] == "2"
    assert behind.links["prev"]["url"].endswith("offset=0&limit=1000")


async def test_limit_beyond_the_cap_is_cut(client: httpx.AsyncClient, place: Orders) -> None:
    await place({f"o{n:04}": {} for n in range(1001)})

    answer = await client.get(ORDERS, params={"limit": "5000"})

    assert (answer.status_code, len(answer.json())) == (206, 1000)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ("state", {"id", "href", "state"}),
        ("state,relatedParty", {"id", "href", "state", "relatedParty"}),
        ("relatedParty.id", {"id", "href", "relatedParty"}),
        ("weight", {"id", "href", "weight"}),
        ("none", {"id", "href"}),
        ("unknown", {"id", "href"}),
    ],
)
async def test_fields_keeps_exactly_what_was_asked_beside_id_and_href(
    client: httpx.AsyncClient, fields: str, keys: set[str]
) -> None:
    listed = (await client.get(ORDERS, params={"fields": fields, "id": "a"})).json()
    single = (await client.get(f"{ORDERS}/a", params={"fields": fields})).json()

    assert [set(one) for one in listed] == [keys]
    assert single == listed[0]


@pytest.mark.usefixtures("three")
async def test_empty_fields_keep_everything(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{ORDERS}/a", params={"fields": ""})

    assert answer.json()["weight"] == 9


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"state": "held"}, "product_order (state)"),
        ({"orderDate.gte": "2026-01-01T00:00:00Z"}, "product_order (order_date)"),
        ({"relatedParty.id": "7"}, "product_order USING gin (party_ids)"),
        (
            {"relatedParty.id": "7", "relatedParty.role": "payer"},
            "product_order USING gin (party_ids)",
        ),
        ({"description": "x"}, "product_order USING gin (body jsonb_path_ops)"),
        ({"state": "held", "sort": "-orderDate"}, "product_order (state, order_date)"),
        ({"state": "held,failed", "sort": "-orderDate"}, "product_order (state, order_date)"),
    ],
)
async def test_filter_can_be_served_by_an_index(
    database: Database, query: dict[str, str], index: str
) -> None:
    listing = Listing(ProductOrders, indexed={"relatedParty.id": "party_ids"})
    sql = listing.sql(parse_list_query(query.items(), document=ProductOrder.document_type))

    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"CREATE INDEX the_index ON {index}")
        # An empty table is always read whole, unless the planner is told that this is dear.
        await connection.execute("SET LOCAL enable_seqscan = off")
        page = sql.page()
        plan = await connection.fetch("EXPLAIN " + page.sql, *page.values)
        await transaction.rollback()

    assert "the_index" in "\n".join(row[0] for row in plan)


@pytest.fixture
async def many(database: Database) -> int:
    """More product orders than are counted; every 2000th has a colour."""
    await database.pool.execute(
        """
        INSERT INTO product_order (id, version, body, state, order_date, party_ids)
        SELECT lpad(n::text, 6, '0'), 1, jsonb_build_object('id', lpad(n::text, 6, '0'),
          'weight', n % 7, 'kind', 'many') || CASE WHEN n % 2000 = 0
            THEN '{"colour": "red"}' ELSE '{}' END::jsonb,
          CASE WHEN n % 3000 = 0 THEN 'held' ELSE 'completed' END, now(), '[]'
        FROM generate_series(1, 12000) n
        """
    )
    await database.pool.execute("ANALYZE product_order")
    return 12_000


async def test_many_are_estimated_and_the_answer_says_so(
    client: httpx.AsyncClient, many: int
) -> None:
    for asked in ({"limit": "5"}, {"kind": "many", "limit": "5"}, {"state": "completed"}):
        answer = await client.get(ORDERS, params=asked)

        assert answer.headers["X-Total-Count-Estimated"] == "true", asked
        assert int(answer.headers["X-Total-Count"]) > 10_000
        assert {"first", "next"} <= answer.links.keys()
        assert "last" not in answer.links
        assert [order["id"] for order in answer.json()][:2] == ["000001", "000002"]


async def test_few_of_many_are_counted_exactly(client: httpx.AsyncClient, many: int) -> None:
    by_body = await client.get(ORDERS, params={"colour": "red", "sort": "-weight", "limit": "4"})
    by_column = await client.get(ORDERS, params={"state": "held", "limit": "2"})
    behind = await client.get(ORDERS, params={"colour": "red", "offset": "50"})

    assert by_body.headers["X-Total-Count"] == "6"
    assert [order["weight"] for order in by_body.json()] == [6, 5, 4, 3]
    assert by_column.headers["X-Total-Count"] == "4"
    assert (behind.headers["X-Total-Count"], behind.json()) == ("6", [])
    for answer in (by_body, by_column, behind):
        assert "X-Total-Count-Estimated" not in answer.headers


async def test_matches_are_ordered_whichever_statement_finds_them(
    client: httpx.AsyncClient, many: int
) -> None:
    asked = {"kind": "many", "sort": "weight,-id", "offset": "0", "limit": "3"}

    whole = (await client.get(ORDERS, params=asked)).json()
    few = (await client.get(ORDERS, params={**asked, "id.lt": "000100"})).json()

    assert [order["id"] for order in whole] == ["011998", "011991", "011984"]
    assert [order["id"] for order in few] == ["000098", "000091", "000084"]


async def test_list_that_takes_too_long_is_stopped_and_says_what_helps(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dualbus_tmf.listing.SECONDS", 0.2)
    async with database.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE product_order")
        answer = await client.get(ORDERS)

    assert (answer.status_code, answer.json()["code"]) == (503, "listTooSlow")
    assert "filters" in answer.json()["reason"]
    monkeypatch.undo()
    assert (await client.get(ORDERS)).status_code == 200
