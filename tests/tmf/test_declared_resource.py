"""A declared resource over HTTP, on real PostgreSQL."""

from typing import Any

import httpx
import orjson
from dualbus_events.unit_of_work import Database

from tests.tmf.sample_app import ALARMS, CATEGORIES, CUSTOMERS

AN_ALARM = {
    "state": "raised",
    "alarmType": "communicationsAlarm",
    "perceivedSeverity": "major",
    "probableCause": "lossOfSignal",
    "alarmRaisedTime": "2026-01-31T09:30:00.000Z",
    "sourceSystemId": "nms",
    "alarmedObject": {"id": "port-7"},
}


async def published(database: Database) -> list[tuple[str, int, dict[str, Any], dict[str, Any]]]:
    rows = await database.pool.fetch(
        "SELECT event_type, agg_version, headers, payload FROM outbox ORDER BY shard, seq"
    )
    return [(r[0], r[1], orjson.loads(r[2]), orjson.loads(r[3])) for r in rows]


async def stored(database: Database, table: str) -> int:
    return int(await database.pool.fetchval(f"SELECT count(*) FROM {table}"))


async def test_created_resource_is_answered_whole_with_its_location(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post(CATEGORIES, json={"name": "Mobile", "isRoot": True, "ours": [1]})

    body = answer.json()
    assert answer.status_code == 201
    assert body["href"] == f"http://dualbus.example{CATEGORIES}/{body['id']}"
    assert answer.headers["location"] == body["href"]
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["x-consistency-token"] == f"category:{body['id']}@1"
    assert body["name"] == "Mobile"
    assert body["isRoot"] is True
    assert body["ours"] == [1]
    assert body["@type"] == "Category"
    assert body["lifecycleStatus"] == "In Study"
    assert body["isBundle"] is False
    assert body["lastUpdate"].endswith("Z")


async def test_what_was_answered_at_creation_is_read_again(client: httpx.AsyncClient) -> None:
    created = (await client.post(CATEGORIES, json={"name": "Mobile"})).json()

    one = await client.get(f"{CATEGORIES}/{created['id']}")
    every = await client.get(CATEGORIES)

    assert (one.status_code, one.json()) == (200, created)
    assert (every.status_code, every.json()) == (200, [created])


async def test_creation_publishes_the_state_that_is_stored(
    client: httpx.AsyncClient, database: Database
) -> None:
    created = (
        await client.post(CUSTOMERS, json={"name": "Ann", "engagedParty": {"id": "500"}})
    ).json()

    [(event_type, version, headers, notification)] = await published(database)

    assert (event_type, version) == ("CustomerCreateEvent", 1)
    assert notification["event"]["customer"] == created
    assert headers["ce_customerid"] == created["id"]


async def test_missing_required_attributes_are_all_named(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await client.post(CUSTOMERS, json={"name": None})

    problem = answer.json()
    assert answer.status_code == 400
    assert problem["code"] == "invalidBody"
    assert problem["detail"] == "name, engagedParty: required"
    assert await stored(database, "customer") == 0


async def test_wrong_type_is_named_with_its_place(client: httpx.AsyncClient) -> None:
    answer = await client.post(CUSTOMERS, json={"name": "Ann", "engagedParty": {"id": 5}})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "engagedParty.id"


async def test_own_id_is_kept_where_it_is_allowed_and_taken_only_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await client.post(CATEGORIES, json={"id": "mobile", "name": "Mobile"})
    second = await client.post(CATEGORIES, json={"id": "mobile", "name": "Other"})

    assert first.json()["id"] == "mobile"
    assert first.headers["location"].endswith("/category/mobile")
    assert (second.status_code, second.json()["code"]) == (409, "alreadyExists")
    assert len(await published(database)) == 1


async def test_own_id_is_replaced_where_it_is_not_allowed(client: httpx.AsyncClient) -> None:
    body = {"id": "mine", "href": "http://elsewhere", "name": "Ann", "engagedParty": {"id": "1"}}

    answer = await client.post(CUSTOMERS, json=body)

    assert answer.status_code == 201
    assert answer.json()["id"] != "mine"
    assert answer.json()["href"].startswith("http://dualbus.example")


async def test_own_id_that_no_path_could_name_is_refused(client: httpx.AsyncClient) -> None:
    for bad in ("a/b", "", "a b", "..", 7, "x" * 129):
        answer = await client.post(CATEGORIES, json={"id": bad, "name": "Mobile"})

        assert answer.status_code == 400, bad
        assert answer.json()["detail"].startswith("id: ")


async def test_rule_of_the_declaration_is_kept_by_post_and_patch(
    client: httpx.AsyncClient,
) -> None:
    posted = await client.post(CATEGORIES, json={"id": "a", "name": "A", "parentId": "a"})
    await client.post(CATEGORIES, json={"id": "b", "name": "B"})
    patched = await client.patch(f"{CATEGORIES}/b", json={"parentId": "b"})

    assert (posted.status_code, patched.status_code) == (400, 400)
    assert "its own parent" in patched.json()["detail"]


async def test_patch_changes_what_it_names_and_publishes_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    body = {"name": "Mobile", "description": "old", "validFor": {"x": 1}, "tags": ["a", "b"]}
    created = (await client.post(CATEGORIES, json=body)).json()

    patch = {"description": None, "validFor": {"y": 2}, "tags": ["c"]}
    answer = await client.patch(f"{CATEGORIES}/{created['id']}", json=patch)

    changed = answer.json()
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert answer.headers["x-consistency-token"] == f"category:{created['id']}@2"
    assert "description" not in changed
    assert changed["validFor"] == {"x": 1, "y": 2}
    assert changed["tags"] == ["c"]
    assert (changed["name"], changed["href"]) == ("Mobile", created["href"])
    assert changed["lastUpdate"] >= created["lastUpdate"]
    assert (await client.get(f"{CATEGORIES}/{created['id']}")).json() == changed
    events = [(name, version) for name, version, *_ in await published(database)]
    assert events == [("CategoryCreateEvent", 1), ("CategoryAttributeValueChangeEvent", 2)]


async def test_patch_that_changes_nothing_publishes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    created = (await client.post(CATEGORIES, json={"name": "Mobile"})).json()

    answer = await client.patch(f"{CATEGORIES}/{created['id']}", json={"name": "Mobile"})

    assert (answer.status_code, answer.json()) == (200, created)
    assert answer.headers["etag"] == '"1"'
    assert len(await published(database)) == 1


async def test_patch_accepts_both_media_types_and_no_other(client: httpx.AsyncClient) -> None:
    await client.post(CATEGORIES, json={"id": "m", "name": "Mobile"})

    statuses = {
        kind: (
            await client.patch(
                f"{CATEGORIES}/m", content=b'{"name":"New"}', headers={"Content-Type": kind}
            )
        ).status_code
        for kind in (
            "application/json",
            "application/merge-patch+json; charset=utf-8",
            "application/json-patch+json",
            "text/plain",
        )
    }

    assert list(statuses.values()) == [200, 200, 415, 415]


async def test_unpatchable_attributes_are_refused_by_name(
    client: httpx.AsyncClient, database: Database
) -> None:
    created = (await client.post(ALARMS, json=AN_ALARM)).json()

    answer = await client.patch(
        f"{ALARMS}/{created['id']}",
        json={"id": "x", "alarmRaisedTime": "2020-01-01T00:00:00Z", "perceivedSeverity": "minor"},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "attributeNotPatchable")
    assert answer.json()["detail"].startswith("alarmRaisedTime, id: ")
    assert (await client.get(f"{ALARMS}/{created['id']}")).json() == created
    assert len(await published(database)) == 1


async def test_patch_may_not_remove_a_required_attribute_or_break_a_type(
    client: httpx.AsyncClient,
) -> None:
    await client.post(CATEGORIES, json={"id": "m", "name": "Mobile"})

    removed = await client.patch(f"{CATEGORIES}/m", json={"name": None})
    broken = await client.patch(f"{CATEGORIES}/m", json={"lastUpdate": "yesterday"})

    assert removed.status_code == 400
    assert removed.json()["detail"].startswith("name: ")
    assert broken.status_code == 400
    assert broken.json()["detail"].startswith("lastUpdate: ")


async def test_patch_may_not_remove_what_only_the_declaration_requires(
    client: httpx.AsyncClient,
) -> None:
    created = (await client.post(ALARMS, json=AN_ALARM)).json()

    answer = await client.patch(
        f"{ALARMS}/{created['id']}", json={"alarmType": None, "probableCause": None}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalidBody")
    assert answer.json()["detail"].startswith("alarmType: ")
    assert (await client.get(f"{ALARMS}/{created['id']}")).json() == created


async def test_null_gives_back_what_the_server_sets(client: httpx.AsyncClient) -> None:
    body = {"name": "Mobile", "@type": "OurCategory", "lifecycleStatus": "Launched"}
    created = (await client.post(CATEGORIES, json={**body, "isBundle": True})).json()
    url = f"{CATEGORIES}/{created['id']}"

    nulls = dict.fromkeys(("@type", "lifecycleStatus", "isBundle", "lastUpdate"))
    changed = (await client.patch(url, json=nulls)).json()

    assert changed["@type"] == "Category"
    assert (changed["lifecycleStatus"], changed["isBundle"]) == ("In Study", False)
    assert changed["lastUpdate"] >= created["lastUpdate"]


async def test_state_moves_by_patch_with_its_own_event(
    client: httpx.AsyncClient, database: Database
) -> None:
    created = (await client.post(ALARMS, json=AN_ALARM)).json()

    answer = await client.patch(f"{ALARMS}/{created['id']}", json={"state": "cleared"})

    assert answer.json()["state"] == "cleared"
    events = [name for name, *_ in await published(database)]
    assert events == ["AlarmCreateEvent", "AlarmStateChangeEvent"]


async def test_forbidden_state_move_is_a_conflict_that_names_both_states(
    client: httpx.AsyncClient,
) -> None:
    created = (await client.post(ALARMS, json=AN_ALARM)).json()
    path = f"{ALARMS}/{created['id']}"
    await client.patch(path, json={"state": "cleared"})

    answer = await client.patch(path, json={"state": "raised"})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "illegalStateMove")
    assert (problem["from"], problem["to"]) == ("cleared", "raised")
    assert created["id"] in problem["detail"]
    assert (await client.get(path)).json()["state"] == "cleared"


async def test_resource_can_not_begin_in_a_state_that_is_no_beginning(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post(ALARMS, json={**AN_ALARM, "state": "cleared"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegalStateMove")


async def test_deleted_resource_is_gone_and_its_event_published(
    client: httpx.AsyncClient, database: Database
) -> None:
    await client.post(CATEGORIES, json={"id": "m", "name": "Mobile"})

    deleted = await client.delete(f"{CATEGORIES}/m")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await client.get(f"{CATEGORIES}/m")).status_code == 404
    assert (await client.delete(f"{CATEGORIES}/m")).status_code == 404
    assert [name for name, *_ in await published(database)] == [
        "CategoryCreateEvent",
        "CategoryDeleteEvent",
    ]


async def test_operation_that_was_not_declared_is_a_405_problem(
    client: httpx.AsyncClient,
) -> None:
    created = (await client.post(ALARMS, json=AN_ALARM)).json()

    answer = await client.delete(f"{ALARMS}/{created['id']}")

    assert (answer.status_code, answer.json()["code"]) == (405, "methodNotAllowed")


async def test_unknown_id_is_a_404_problem_for_every_method(client: httpx.AsyncClient) -> None:
    for unknown in (
        "3z06z842-763z4z2z-80z1-875zz14z6zz4",
        "%00",
        "';--",
        "%F0%9F%90%99",
        "x" * 900,
    ):
        path = f"{CATEGORIES}/{unknown}"
        answers = [
            await client.get(path),
            await client.patch(path, json={"name": "x"}),
            await client.delete(path),
        ]

        for answer in answers:
            assert answer.status_code == 404, unknown
            assert answer.json()["code"] == "notFound"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_if_match_lets_only_the_current_version_through(client: httpx.AsyncClient) -> None:
    await client.post(CATEGORIES, json={"id": "m", "name": "Mobile"})
    path = f"{CATEGORIES}/m"

    async def patch(tag: str, name: str) -> int:
        answer = await client.patch(path, json={"name": name}, headers={"If-Match": tag})
        return answer.status_code

    assert await patch('"1"', "second") == 200
    assert await patch('"1"', "third") == 412
    assert await patch('W/"2"', "third") == 200
    assert await patch('"9", "3"', "fourth") == 200
    assert await patch("*", "fifth") == 200
    assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.get(path)).json()["name"] == "fifth"


async def test_if_none_match_spares_the_body(client: httpx.AsyncClient) -> None:
    await client.post(CATEGORIES, json={"id": "m", "name": "Mobile"})

    same = await client.get(f"{CATEGORIES}/m", headers={"If-None-Match": '"1"'})
    other = await client.get(f"{CATEGORIES}/m", headers={"If-None-Match": '"2"'})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    assert other.status_code == 200
