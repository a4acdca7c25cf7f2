"""The customer view: what it shows, how it is asked for, what it refuses."""

from datetime import UTC, datetime
from typing import Any

from dualbus_events.broker import TopicPartition
from dualbus_events.catalogue import TOPICS
from dualbus_events.outbox import OutboxMessage
from dualbus_events.tasks import done, rejected
from ods_svc.service import ods_service

from tests.harness import a_task, running, task_messages
from tests.ods.ods_samples import a_customer, a_fact, a_reply, an_order

VIEW = "/tmf-api/customer360/v4/customer360"


def _everything_of_one_customer() -> list[OutboxMessage]:
    party = {"id": "c1", "role": "customer"}
    return [
        a_customer("c1"),
        a_fact("individual", {"id": "party-c1", "givenName": "Ada"}),
        a_fact("billingAccount", {"id": "a1", "state": "active"}, customer="c1"),
        an_order("o1", "c1", state="completed"),
        a_fact("quote", {"id": "q1", "state": "approved"}, customer="c1"),
        a_fact("product", {"id": "p1", "status": "active"}, customer="c1"),
        a_fact("service", {"id": "s1", "state": "active"}, customer="c1"),
        a_fact("resource", {"id": "r1", "resourceStatus": "assigned"}, customer="c1"),
        a_fact("customerBill", {"id": "b1", "billNo": "B-1", "state": "new"}, customer="c1"),
        a_fact("appliedCustomerBillingRate", {"id": "rate1", "bill": {"id": "b1"}}, customer="c1"),
        a_fact("serviceLevelAgreement", {"id": "sla1", "state": "inForce"}, customer="c1"),
        a_fact("alarm", {"id": "al1", "state": "raised", "relatedParty": [party]}),
        a_fact("troubleTicket", {"id": "t1", "status": "inProgress", "relatedParty": [party]}),
        a_fact("charge", {"id": "ch1", "state": "active"}, customer="c1"),
        a_fact("financialAccount", {"id": "fa1", "state": "active"}, customer="c1"),
        a_fact("agreement", {"id": "ag1", "status": "inProcess"}, customer="c1"),
        a_fact("partyInteraction", _AN_INTERACTION, customer="c1"),
        a_fact("serviceProblem", {"id": "sp1", "status": "acknowledged", "relatedParty": [party]}),
        a_fact("usageSpecification", {"id": "voice", "name": "Calls"}),
        a_fact("usageSpecification", {"id": "data", "name": "Data"}),
        a_fact("usage", {"id": "cdr1", "usageSpecification": {"id": "voice"}}, customer="c1"),
    ]


_AN_INTERACTION: dict[str, Any] = {
    "id": "in1",
    "reason": "billing",
    "interactionItem": [{"id": "1", "reason": "bill too high"}, {"id": "2"}],
}


async def test_one_read_shows_everything_of_a_customer(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(*_everything_of_one_customer(), a_customer("c2"), an_order("o2", "c2"))

        answer = await ods.client.get(f"{VIEW}/c1")

    view = answer.json()
    assert answer.status_code == 200
    assert view["id"] == "c1"
    assert view["href"] == f"http://test{VIEW}/c1"
    assert (view["@type"], view["name"], view["status"]) == ("Customer360", "Customer c1", "active")
    assert view["customer"]["href"] == "http://owner/customer/c1"
    assert view["individual"]["givenName"] == "Ada"
    ids = {
        "account": "a1",
        "productOrder": "o1",
        "quote": "q1",
        "service": "s1",
        "resource": "r1",
        "customerBill": "b1",
        "serviceLevelAgreement": "sla1",
        "alarm": "al1",
        "troubleTicket": "t1",
        "agreement": "ag1",
        "productValue": "p1",
        "serviceProblem": "sp1",
        "interactionItem": "1",
    }
    assert {part: view[part][0]["id"] for part in ids} == ids
    assert {part: len(view[part]) for part in ids if len(view[part]) != 1} == {
        "account": 2,
        "interactionItem": 2,
    }
    assert view["appointment"] == view["loyaltyBalance"] == view["promotion"] == []
    assert set(view["freshness"]) == {"customer", *ids}
    assert not {"charge", "usage", "partyInteraction", "organization"} & set(view)


async def test_accounts_of_all_kinds_are_the_customers_accounts(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        kinds = ("financialAccount", "settlementAccount", "partyAccount", "billingAccount")
        accounts = [a_fact(kind, {"id": f"1-{kind}"}, customer="c1") for kind in kinds]
        await ods.deliver(a_customer("c1"), *accounts)

        view = (await ods.client.get(f"{VIEW}/c1?fields=account")).json()

    assert [one["id"] for one in view["account"]] == [f"1-{kind}" for kind in reversed(kinds)]


async def test_items_of_interactions_say_what_they_are_part_of(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        bare = a_fact("partyInteraction", {"id": "in2", "reason": "hello"}, customer="c1")
        await ods.deliver(*_everything_of_one_customer(), bare)

        view = (await ods.client.get(f"{VIEW}/c1?expand=partyInteraction")).json()

    whole = {"id": "in1", "href": "http://owner/partyInteraction/in1"}
    assert view["interactionItem"] == [
        {**item, "partyInteraction": whole} for item in _AN_INTERACTION["interactionItem"]
    ]
    assert [one["id"] for one in view["partyInteraction"]] == ["in1", "in2"]


async def test_usage_and_what_it_is_of_are_shown_when_asked_for(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(*_everything_of_one_customer(), a_customer("c2"))

        view = (await ods.client.get(f"{VIEW}/c1?expand=usage,usageSpecification")).json()
        other = (await ods.client.get(f"{VIEW}/c2?fields=usageSpecification")).json()

    assert [one["id"] for one in view["usage"]] == ["cdr1"]
    assert [one["name"] for one in view["usageSpecification"]] == ["Calls"]
    assert other["usageSpecification"] == []


async def test_unknown_customer_is_404(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(an_order("o1", "nobody"))

        answers = [
            await ods.client.get(f"{VIEW}/{path}")
            for path in ("nobody", "3z06z842-763z4z2z-80z1-875zz14z6zz4", "%00", "x/timeline")
        ]

    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].json()["code"] == "customerUnknown"


async def test_deleted_customer_is_404_and_a_late_change_does_not_revive_it(
    postgres_dsn: str,
) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(a_customer("c1"))
        gone = a_fact("customer", {"id": "c1", "name": "x"}, version=3, event="DeleteEvent")
        await ods.deliver(gone)

        await ods.deliver(a_customer("c1", version=2))
        answer = await ods.client.get(f"{VIEW}/c1")
        timeline = await ods.client.get(f"{VIEW}/c1/timeline")

    assert answer.status_code == 404
    assert [entry["version"] for entry in timeline.json()] == [3, 2, 1]


async def test_resource_created_again_under_its_old_id_is_shown_again(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        product = {"id": "p1", "status": "active"}
        await ods.deliver(
            a_customer("c1"),
            a_fact("product", product, customer="c1"),
            a_fact("product", product, version=2, customer="c1", event="DeleteEvent"),
        )

        await ods.deliver(a_fact("product", {**product, "status": "new"}, customer="c1", at=10))
        view = (await ods.client.get(f"{VIEW}/c1")).json()

    assert [one["status"] for one in view["productValue"]] == ["new"]


async def test_fields_keep_just_what_was_asked_for(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(*_everything_of_one_customer())

        some = (await ods.client.get(f"{VIEW}/c1?fields=productOrder,name")).json()
        none = (await ods.client.get(f"{VIEW}/c1?fields=none")).json()
        rates = (await ods.client.get(f"{VIEW}/c1?fields=appliedCustomerBillingRate")).json()

    assert set(some) == {"id", "href", "name", "productOrder"}
    assert set(none) == {"id", "href"}
    assert [rate["id"] for rate in rates["appliedCustomerBillingRate"]] == ["rate1"]


async def test_expand_nests_the_rates_in_their_bills(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(*_everything_of_one_customer())

        view = (await ods.client.get(f"{VIEW}/c1?expand=appliedCustomerBillingRate,charge")).json()
        wrong = await ods.client.get(f"{VIEW}/c1?expand=secrets")

    [bill] = view["customerBill"]
    assert [rate["id"] for rate in bill["appliedCustomerBillingRate"]] == ["rate1"]
    assert [charge["id"] for charge in view["charge"]] == ["ch1"]
    assert "appliedCustomerBillingRate" not in view
    assert wrong.status_code == 400
    assert "secrets" in wrong.json()["detail"]


async def test_ticket_of_several_customers_is_in_each_of_their_views(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        parties = [{"id": id_, "role": "customer"} for id_ in ("c1", "c2")]
        parties.append({"id": "c3", "role": "originator"})
        ticket = {"id": "t1", "status": "acknowledged", "relatedParty": parties}
        await ods.deliver(*map(a_customer, ("c1", "c2", "c3")), a_fact("troubleTicket", ticket))

        views = {
            id_: (await ods.client.get(f"{VIEW}/{id_}?fields=troubleTicket")).json()
            for id_ in ("c1", "c2", "c3")
        }
        timeline = (await ods.client.get(f"{VIEW}/c2/timeline?resource=troubleTicket")).json()

    assert {id_: len(view["troubleTicket"]) for id_, view in views.items()} == {
        "c1": 1,
        "c2": 1,
        "c3": 0,
    }
    assert [entry["id"] for entry in timeline] == ["t1"]


async def test_what_leaves_a_customer_leaves_the_view(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        number = {"id": "r1", "name": "number", "resourceStatus": "assigned"}
        await ods.deliver(a_customer("c1"), a_fact("resource", number, customer="c1"))

        given_back = {**number, "resourceStatus": "available"}
        await ods.deliver(a_fact("resource", given_back, version=2))
        view = (await ods.client.get(f"{VIEW}/c1")).json()

    assert view["resource"] == []


async def test_order_shows_its_track_in_the_order_of_sending(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        payload = {"customerId": "c1", "item": {"id": "7"}}
        verify = a_task("customer.verify", {"customerId": "c1"}, process_id="o1")
        activate = a_task("provisioning.activate", payload, process_id="o1")
        [sent_first], [sent_second] = task_messages(verify), task_messages(activate)
        refused = a_reply(activate, rejected("noResourceAvailable", "the pool is empty"))
        await ods.deliver(a_customer("c1"), an_order("o1", "c1"), sent_first)

        await ods.deliver(refused, a_reply(verify, done()), sent_second)
        [order] = (await ods.client.get(f"{VIEW}/c1")).json()["productOrder"]

    assert [step["task"] for step in order["track"]] == ["customer.verify", "provisioning.activate"]
    assert [step["outcome"] for step in order["track"]] == ["done", "rejected"]
    assert order["track"][1]["itemId"] == "7"
    assert order["track"][1]["error"]["code"] == "noResourceAvailable"
    assert all(step["milliseconds"] >= 0 for step in order["track"])


async def test_order_of_200_items_is_shown_whole_with_its_track(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        tasks = [
            a_task(type_, {"item": {"id": str(item)}}, process_id="o1")
            for item in range(1, 201)
            for type_ in ("provisioning.activate", "billing.start")
        ]
        await ods.deliver(a_customer("c1"), an_order("o1", "c1", items=200))
        await ods.deliver(*task_messages(*tasks), *(a_reply(task, done()) for task in tasks))

        [order] = (await ods.client.get(f"{VIEW}/c1")).json()["productOrder"]

    assert len(order["productOrderItem"]) == 200
    assert len(order["track"]) == 400
    assert {step["outcome"] for step in order["track"]} == {"done"}


async def test_timeline_has_every_event_newest_first_in_pages(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        states = ["acknowledged", "inProgress", "completed"]
        orders = [an_order("o1", "c1", version=v, state=s) for v, s in enumerate(states, start=1)]
        await ods.deliver(a_customer("c1"), *orders)
        await ods.deliver(*orders)

        whole = await ods.client.get(f"{VIEW}/c1/timeline?resource=productOrder")
        page = await ods.client.get(f"{VIEW}/c1/timeline?offset=1&limit=2")
        wrong = await ods.client.get(f"{VIEW}/c1/timeline?limit=-1")

    assert [entry["state"] for entry in whole.json()] == states[::-1]
    assert whole.json()[0]["correlationId"] == "order-of-the-day"
    assert whole.status_code == 200
    assert (page.status_code, page.headers["X-Total-Count"]) == (206, "4")
    assert page.headers["X-Result-Count"] == str(len(page.json())) == "2"
    assert wrong.status_code == 400


async def test_list_is_paged_and_filtered(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        customers = [a_customer(f"c{number:02}") for number in range(25)]
        await ods.deliver(*customers, a_customer("x1", status="suspended"), an_order("o1", "c03"))

        first = await ods.client.get(VIEW)
        page = await ods.client.get(f"{VIEW}?offset=25&limit=10")
        suspended = (await ods.client.get(f'{VIEW}?status="suspended"')).json()
        by_href = (await ods.client.get(VIEW, params={"href": f"http://test{VIEW}/c03"})).json()
        unknown = await ods.client.get(f"{VIEW}?favouriteColour=red")
        wrong = await ods.client.get(f"{VIEW}?name.regex=(")

    assert (first.status_code, len(first.json())) == (200, 20)
    assert first.headers["X-Total-Count"] == "26"
    assert page.status_code == 206
    assert [view["id"] for view in page.json()] == ["x1"]
    assert [view["id"] for view in suspended] == ["x1"]
    assert [order["id"] for order in by_href[0]["productOrder"]] == ["o1"]
    assert (unknown.status_code, unknown.json()) == (200, [])
    assert wrong.status_code == 400
    assert "name.regex" in wrong.json()["detail"]


async def test_views_are_found_by_attributes_of_customer_and_parts(postgres_dsn: str) -> None:
    expected = {
        "productOrder.state=completed": ["c1", "c2"],
        "productOrder.state=completed&productOrder.id=o3": [],
        "productOrder.state.ne=completed": ["c3"],
        "troubleTicket.severity=major": ["c2", "c3"],
        "name.regex=^Customer c[13]$&sort=-name": ["c3", "c1"],
        "customer.name=Customer c2": ["c2"],
        "@type=Customer360&sort=-id": ["c3", "c2", "c1"],
        "@type=Customer": [],
        "individual.givenName=Ada": ["c1"],
        "interactionItem.reason=moving": ["c3"],
    }
    party = {"id": "i1", "@referredType": "Individual"}
    ticket = {
        "id": "t1",
        "severity": "major",
        "relatedParty": [{"id": id_, "role": "customer"} for id_ in ("c2", "c3")],
    }
    interaction = {"id": "x1", "interactionItem": [{"reason": "moving"}]}
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(
            a_customer("c1", engagedParty=party),
            a_customer("c2"),
            a_customer("c3"),
            a_fact("individual", {"id": "i1", "givenName": "Ada"}),
            an_order("o1", "c1", state="completed"),
            an_order("o2", "c2", state="completed"),
            an_order("o3", "c3", state="inProgress"),
            a_fact("troubleTicket", ticket),
            a_fact("partyInteraction", interaction, customer="c3"),
        )

        answers = {query: await ods.client.get(f"{VIEW}?{query}") for query in expected}
        whole = await ods.client.get(f"{VIEW}?productOrder=o1")

    found = {query: [view["id"] for view in answers[query].json()] for query in expected}
    assert found == expected
    assert (whole.status_code, "productOrder" in whole.json()["detail"]) == (400, True)


async def test_each_part_is_as_fresh_as_its_stalest_partition(postgres_dsn: str) -> None:
    async with running(spec := ods_service(), postgres_dsn) as ods:
        assert spec.observe is not None
        observe = spec.observe(ods.database)
        await ods.deliver(a_customer("c1"), an_order("o1", "c1"))
        early, late = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
        everything = {TopicPartition(topic.name, 0): 0 for topic in TOPICS}

        await observe(everything, early.timestamp())
        await observe(
            {
                TopicPartition("order.product.v1", 0): 0,
                TopicPartition("provisioning.service.v1", 0): 0,
                TopicPartition("provisioning.service.v1", 1): 0,
                TopicPartition("provisioning.resource.v1", 0): 9,
            },
            late.timestamp(),
        )
        fresh = (await ods.client.get(f"{VIEW}/c1")).json()["freshness"]

    assert fresh["productValue"]["asOf"] == "2026-03-02T00:00:00.000Z"
    assert fresh["service"]["asOf"] == "2026-03-02T00:00:00.000Z"
    assert fresh["resource"]["asOf"] == "2026-03-01T00:00:00.000Z"
    assert fresh["productOrder"]["asOf"] == "2026-03-01T00:00:00.000Z"
    assert fresh["productOrder"]["lagMs"] > 0


async def test_partition_with_a_backlog_is_fresh_as_of_the_last_record_applied(
    postgres_dsn: str,
) -> None:
    async with running(spec := ods_service(), postgres_dsn) as ods:
        assert spec.observe is not None
        observe = spec.observe(ods.database)
        await ods.deliver(a_customer("c1"), message := an_order("o1", "c1"))
        rows = {TopicPartition(message.topic, partition): 5 for partition in range(12)}

        await observe({**rows, TopicPartition("order.product.v1", 0): 3}, 1_800_000_000.0)
        fresh = (await ods.client.get(f"{VIEW}/c1")).json()["freshness"]
        summary = (await ods.client.get("/ops/ods/summary")).json()

    # The harness stamps records with 1970; the other eleven partitions were never applied.
    assert fresh["productOrder"]["asOf"] is None
    assert fresh["productValue"] == {
        "asOf": None,
        "lagMs": None,
        "publishedUpTo": None,
        "stale": True,
    }
    assert summary["freshness"]["order.product-order.v1"]["unread"] == 60
    assert summary["resource"]["productOrder"]["byState"] == {"acknowledged": 1}
    assert summary["resource"]["customer"]["count"] == 1


async def test_applied_lists_what_came_in_since_a_moment(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(an_order("o1", "c1", state="completed"), an_order("o2", "c1"))

        since = {"since": "2020-01-01T00:00:00Z", "state": "completed"}
        some = (await ods.client.get("/ops/ods/applied", params=since)).json()
        later = {"since": "2999-01-01T00:00:00Z"}
        none = (await ods.client.get("/ops/ods/applied", params=later)).json()

    assert [(entry["id"], entry["state"]) for entry in some] == [("o1", "completed")]
    assert some[0]["appliedAt"] > "2026"
    assert none == []
