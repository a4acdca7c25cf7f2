"""Qualifications, shopping carts and quotes: what they mean, up to the order they become."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from order_svc.service import SERVICE

from tests.harness import Harness, running
from tests.order.order_world import (
    CATALOGUE,
    ORDERS,
    PRODUCTS,
    an_item,
    an_order,
    load_catalogue,
    post,
)
from tests.order.preorder_world import (
    CARTS,
    CUSTOMER,
    QUALIFICATIONS,
    QUOTES,
    a_cart,
    a_quote,
    an_offering,
    moved,
    totals,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(postgres_dsn: str) -> AsyncIterator[Harness]:
    async with running(SERVICE, postgres_dsn) as service:
        await load_catalogue(service)
        related = [
            {"id": "internet", "relationshipType": "requires"},
            {"id": "satellite", "relationshipType": "excludes"},
        ]
        await an_offering(service, "television", productOfferingRelationship=related)
        instead = [{"id": "internet", "relationshipType": "substitution"}]
        await an_offering(
            service, "dial-up", lifecycleStatus="Retired", productOfferingRelationship=instead
        )
        await an_offering(service, "satellite")
        yield service


async def asked(shop: Harness, offering: str, **changes: Any) -> Any:
    item = {"id": "1", "productOffering": {"id": offering}}
    body = {"productOfferingQualificationItem": [item], **changes}
    return await post(shop, QUALIFICATIONS, body)


def codes(answer: dict[str, Any]) -> list[str]:
    [item] = answer["productOfferingQualificationItem"]
    return [reason["code"] for reason in item.get("eligibilityUnavailabilityReason", [])]


@pytest.mark.parametrize(
    ("offering", "result", "reasons"),
    [
        ("internet", "qualified", []),
        ("retired", "unqualified", ["offeringNotSellable"]),
        ("nowhere", "unqualified", ["offeringUnknown"]),
        ("television", "unqualified", ["offeringRequired"]),
    ],
)
async def test_qualification_answers_from_the_catalogues_rules(
    shop: Harness, offering: str, result: str, reasons: list[str]
) -> None:
    answer = await asked(shop, offering)

    assert (answer["state"], answer["qualificationResult"]) == ("done", result)
    assert codes(answer) == reasons


async def test_qualification_knows_what_the_customer_has(shop: Harness) -> None:
    party = [{"id": "c-tv", "role": "customer"}]
    for offering in ("internet", "satellite"):
        product = {"status": "active", "productOffering": {"id": offering}, "relatedParty": party}
        await post(shop, PRODUCTS, product)
        answer = await asked(shop, "television", relatedParty=party)
        excluded = offering == "satellite"
        assert codes(answer) == (["offeringExcluded"] if excluded else [])


async def test_order_is_judged_by_the_rules_its_qualification_was(shop: Harness) -> None:
    television = an_item("2", productOffering={"id": "television"})

    alone = await post(shop, ORDERS, an_order(television))
    together = await post(shop, ORDERS, an_order(an_item("1"), television))

    assert (alone["state"], together["state"]) == ("rejected", "acknowledged")
    [error] = alone["productOrderItem"][0]["errorMessage"]
    assert error["code"] == "offeringRequired"


async def test_unqualified_item_is_answered_with_what_would_qualify(shop: Harness) -> None:
    answer = await asked(shop, "dial-up", provideAlternative=True)

    [item] = answer["productOfferingQualificationItem"]
    [proposal] = item["alternateProductOfferingProposal"]
    assert proposal["alternateProductOffering"]["id"] == "internet"


async def test_qualification_is_answered_anew_when_it_asks_something_else(shop: Harness) -> None:
    answer = await asked(shop, "retired")
    item = {"id": "1", "productOffering": {"id": "internet"}}
    patch = {"productOfferingQualificationItem": [item]}

    changed = (await shop.client.patch(answer["href"], json=patch)).json()
    moving = await shop.client.patch(answer["href"], json={"state": "inProgress"})

    assert changed["qualificationResult"] == "qualified"
    assert moving.status_code == 409
    assert "done" in moving.json()["message"]


async def test_cart_prices_itself_from_the_catalogue_whatever_it_is_told(shop: Harness) -> None:
    free = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "EUR", "value": 0}}}]
    item = {"productOffering": {"id": "internet"}, "quantity": 2, "itemPrice": free}

    cart = await post(shop, CARTS, a_cart(item, cartTotalPrice=free))

    assert totals(cart["cartTotalPrice"]) == {"recurring": 60.0, "oneTime": 20.0}
    assert totals(cart["cartItem"][0]["itemPrice"]) == {"recurring": 30.0, "oneTime": 10.0}
    assert cart["cartItem"][0]["id"] == "1"


async def test_what_is_saved_for_later_is_neither_counted_nor_ordered(shop: Harness) -> None:
    later = {"productOffering": {"id": "satellite"}, "status": "saveForLater"}
    cart = await post(shop, CARTS, a_cart({"productOffering": {"id": "internet"}}, later))

    order = await post(shop, f"{CARTS}/{cart['id']}/productOrder", {})

    assert totals(cart["cartTotalPrice"]) == {"recurring": 30.0, "oneTime": 10.0}
    assert [i["productOffering"]["id"] for i in order["productOrderItem"]] == ["internet"]


async def test_cart_becomes_one_order_however_often_it_is_asked(shop: Harness) -> None:
    cart = await post(shop, CARTS, a_cart())
    path = f"{CARTS}/{cart['id']}/productOrder"

    at_once = await asyncio.gather(*(shop.client.post(path) for _ in range(3)))
    again, *_, first = sorted(at_once, key=lambda answer: answer.status_code)
    late = await shop.client.patch(cart["href"], json={"cartItem": []})

    assert sorted(answer.status_code for answer in at_once) == [200, 200, 201]
    assert late.status_code == 409
    assert first.headers["Location"] == first.json()["href"]
    assert again.json()["id"] == first.json()["id"]
    assert first.json()["relatedParty"][0]["id"] == "c-1"
    assert first.json()["productOrderItem"][0]["quantity"] == 2
    tasks = [p for p in await shop.published() if p.body.get("processId") == first.json()["id"]]
    assert len(tasks) == 1
    kept = (await shop.client.get(cart["href"])).json()
    assert kept["productOrder"]["id"] == first.json()["id"]


async def test_cart_becomes_a_quote_which_is_a_new_one_only_when_the_cart_changes(
    shop: Harness,
) -> None:
    cart = await post(shop, CARTS, a_cart())
    path = f"{CARTS}/{cart['id']}/quote"

    first, again = [(await shop.client.post(path)).json() for _ in range(2)]
    await shop.client.patch(cart["href"], json=a_cart({"productOffering": {"id": "internet"}}))
    other = (await shop.client.post(path)).json()

    assert again["id"] == first["id"] != other["id"]
    assert totals(first["quoteTotalPrice"]) == {"recurring": 60.0, "oneTime": 20.0}
    assert totals(other["quoteTotalPrice"]) == {"recurring": 30.0, "oneTime": 10.0}


async def test_empty_or_expired_cart_becomes_nothing(shop: Harness) -> None:
    period = {"endDateTime": "2020-01-01T00:00:00.000Z"}
    for body in ({}, a_cart(validFor=period)):
        cart = await post(shop, CARTS, body)
        for what in ("quote", "productOrder"):
            answer = await shop.client.post(f"{CARTS}/{cart['id']}/{what}")
            assert answer.status_code == 409, answer.text


async def test_accepted_quote_is_ordered_at_its_price_though_the_catalogue_changed(
    shop: Harness,
) -> None:
    quote = await post(shop, QUOTES, a_quote())
    await moved(shop, quote["href"], "approved", "accepted")
    price = f"{CATALOGUE}/productOfferingPrice/monthly"
    await shop.client.patch(price, json={"price": {"unit": "EUR", "value": 99}})

    order = await post(shop, f"{QUOTES}/{quote['id']}/productOrder", {"description": "At last"})
    again = await shop.client.post(f"{QUOTES}/{quote['id']}/productOrder")
    other = await post(shop, ORDERS, an_order())
    await shop.client.patch(price, json={"price": {"unit": "EUR", "value": 30}})

    assert totals(quote["quoteTotalPrice"]) == {"recurring": 20.0, "oneTime": 10.0}
    [monthly, _] = order["productOrderItem"][0]["itemPrice"]
    assert monthly["price"]["taxIncludedAmount"]["value"] == 30
    assert monthly["priceAlteration"][0]["price"]["taxIncludedAmount"]["value"] == -10
    assert (order["state"], order["description"]) == ("acknowledged", "At last")
    assert (again.status_code, again.json()["id"]) == (200, order["id"])
    assert totals(other["productOrderItem"][0]["itemPrice"])["recurring"] == 99


async def test_order_that_cites_a_quote_has_its_price_once(shop: Harness) -> None:
    quote = await post(shop, QUOTES, a_quote())
    cited = an_order(quote=[{"id": quote["id"]}])
    early = await post(shop, ORDERS, cited)
    await moved(shop, quote["href"], "approved", "accepted")

    other = await post(shop, ORDERS, {**cited, "relatedParty": [{"id": "c-2", "role": "customer"}]})
    order = await post(shop, ORDERS, cited)
    late = await post(shop, ORDERS, cited)

    assert order["state"] == "acknowledged"
    assert "priceAlteration" in order["productOrderItem"][0]["itemPrice"][0]
    refused = [
        one["productOrderItem"][0]["errorMessage"][0]["code"] for one in (early, other, late)
    ]
    assert refused == ["quoteNotAccepted", "quoteOfAnother", "quoteOrdered"]


async def test_quote_that_is_not_known_here_is_no_reason_to_refuse_an_order(shop: Harness) -> None:
    order = await post(shop, ORDERS, an_order(quote=[{"id": "elsewhere-1"}]))

    assert order["state"] == "acknowledged"


async def test_quote_can_be_ordered_only_when_it_was_accepted(shop: Harness) -> None:
    quote = await post(shop, QUOTES, a_quote())

    answer = await shop.client.post(f"{QUOTES}/{quote['id']}/productOrder")

    assert answer.status_code == 409
    assert "inProgress" in answer.json()["message"]


async def test_offer_that_was_made_is_fixed(shop: Harness) -> None:
    quote = await post(shop, QUOTES, a_quote())
    await moved(shop, quote["href"], "approved")

    items = await shop.client.patch(quote["href"], json=a_quote({"id": "1", "action": "add"}))
    note = await shop.client.patch(quote["href"], json={"description": "Called her"})

    assert (items.status_code, note.status_code) == (409, 200)
    assert items.json()["code"] == "quoteFixed"


async def test_quote_moves_only_as_its_machine_allows(shop: Harness) -> None:
    quote = await post(shop, QUOTES, a_quote(state="accepted"))

    refused = await shop.client.patch(quote["href"], json={"state": "accepted"})
    ended = await moved(shop, quote["href"], "pending", "inProgress", "approved", "rejected")

    assert quote["state"] == "inProgress"
    assert refused.status_code == 409
    assert {"inProgress", "accepted"} <= set(refused.json()["message"].replace(";", "").split())
    assert [item["state"] for item in ended["quoteItem"]] == ["rejected"]


async def test_quote_is_not_accepted_after_its_end(shop: Harness) -> None:
    period = {"endDateTime": "2020-01-01T00:00:00.000Z"}
    quote = await post(shop, QUOTES, a_quote(validFor=period))
    await moved(shop, quote["href"], "approved")

    late = await shop.client.patch(quote["href"], json={"state": "accepted"})

    assert (late.status_code, late.json()["code"]) == (409, "quoteExpired")


async def test_quote_that_can_be_answered_at_once_is_approved(shop: Harness) -> None:
    priced = await post(shop, QUOTES, a_quote(instantSyncQuote=True))
    bare = await post(shop, QUOTES, a_quote({"id": "1", "action": "add"}, instantSyncQuote=True))

    assert (priced["state"], bare["state"]) == ("approved", "inProgress")


async def test_each_change_is_an_event_of_the_customer(shop: Harness) -> None:
    quote = await post(shop, QUOTES, a_quote())
    await moved(shop, quote["href"], "approved")

    events = [p for p in await shop.published("order.quote.v1") if p.key == quote["id"]]

    assert [p.type for p in events] == ["QuoteCreateEvent", "QuoteStateChangeEvent"]
    assert [p.body["event"]["quote"]["state"] for p in events] == ["inProgress", "approved"]
    assert {p.headers["ce_customerid"] for p in events} == {CUSTOMER[0]["id"]}


async def test_order_in_delivery_is_not_deleted_and_one_that_waits_is(shop: Harness) -> None:
    going_on = await post(shop, ORDERS, an_order())
    waiting = await post(shop, ORDERS, {"productOrderItem": [{"id": "1", "action": "add"}]})

    refused = await shop.client.delete(going_on["href"])
    deleted = await shop.client.delete(waiting["href"])

    assert (refused.status_code, deleted.status_code) == (409, 204)
    assert refused.json()["code"] == "productOrderNotDeletable"
    [*_, last] = await shop.published("order.product-order.v1")
    assert (last.key, last.type) == (waiting["id"], "ProductOrderDeleteEvent")


async def test_product_in_use_is_not_deleted(shop: Harness) -> None:
    product = await post(shop, PRODUCTS, {"status": "active"})

    refused = await shop.client.delete(product["href"])
    await shop.client.patch(product["href"], json={"status": "terminated"})
    deleted = await shop.client.delete(product["href"])

    assert (refused.status_code, deleted.status_code) == (409, 204)
