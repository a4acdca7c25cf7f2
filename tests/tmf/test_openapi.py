"""What OpenAPI tells about the generated endpoints."""

from typing import Any

import httpx
import jsonschema
import pytest
from dualbus_tmf.openapi import EXAMPLES

from tests.tmf.sample_app import ALARMS, CATEGORIES, ORDERS


async def test_operations_are_named_as_tm_forum_names_them(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    named = {
        f"{method} {path}": (operation["operationId"], operation["tags"])
        for path in (CATEGORIES, f"{CATEGORIES}/{{id}}", ORDERS, f"{ALARMS}/{{id}}")
        for method, operation in paths[path].items()
    }

    catalogue = ["productCatalogManagement"]
    assert named == {
        f"get {CATEGORIES}": ("listCategory", catalogue),
        f"post {CATEGORIES}": ("createCategory", catalogue),
        f"get {CATEGORIES}/{{id}}": ("retrieveCategory", catalogue),
        f"patch {CATEGORIES}/{{id}}": ("patchCategory", catalogue),
        f"delete {CATEGORIES}/{{id}}": ("deleteCategory", catalogue),
        f"get {ORDERS}": ("listProductOrder", ["productOrderingManagement"]),
        f"get {ALARMS}/{{id}}": ("retrieveAlarm", ["alarm"]),
        f"patch {ALARMS}/{{id}}": ("patchAlarm", ["alarm"]),
    }


async def test_bodies_that_the_document_asks_for_are_those_that_are_taken(
    client: httpx.AsyncClient,
) -> None:
    whole = (await client.get("/openapi.json")).json()
    paths, schemas = whole["paths"], whole["components"]["schemas"]
    create = paths[CATEGORIES]["post"]["requestBody"]["content"]
    patch = paths[f"{CATEGORIES}/{{id}}"]["patch"]["requestBody"]["content"]

    new = {"$ref": "#/components/schemas/CategoryRequest"}
    changed = {"schema": {"$ref": "#/components/schemas/CategoryRequest.Patch"}}
    assert create == {"application/json": {"schema": new, "example": EXAMPLES["category"]}}
    assert patch == {"application/json": changed, "application/merge-patch+json": changed}
    assert schemas["CategoryRequest"]["required"] == ["name"]
    assert "lifecycleStatus" in schemas["CategoryRequest"]["properties"]
    assert "required" not in schemas["CategoryRequest.Patch"]
    body = {"name": "x", "validFor": {"startDateTime": "2026-01-01"}}
    jsonschema.validate(body, {**new, "components": whole["components"]})


async def test_answers_are_described_and_every_reference_resolves(
    client: httpx.AsyncClient,
) -> None:
    text = (await client.get("/openapi.json")).text
    whole = (await client.get("/openapi.json")).json()
    answers = whole["paths"][CATEGORIES]["get"]["responses"]

    assert set(answers) == {"200", "206", "400", "500", "503"}
    assert answers["400"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert answers["200"]["content"]["application/json"]["schema"]["items"] == {
        "$ref": "#/components/schemas/Category.Selected"
    }
    assert "X-Total-Count" in answers["200"]["headers"]
    used = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert used <= set(whole["components"]["schemas"])
    assert '"#/$defs/' not in text


async def test_stored_resource_is_what_its_schema_says(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/openapi.json")).json()
    created = (await client.post(CATEGORIES, json={"name": "Mobile", "own": 1})).json()

    jsonschema.validate(created, _whole_category(whole))


async def test_answer_of_which_fields_were_selected_is_what_its_schema_says(
    client: httpx.AsyncClient,
) -> None:
    whole = (await client.get("/openapi.json")).json()
    created = (await client.post(CATEGORIES, json={"name": "Mobile"})).json()
    shown = whole["paths"][f"{CATEGORIES}/{{id}}"]["get"]["responses"]["200"]["content"]

    answer = (await client.get(f"{CATEGORIES}/{created['id']}", params={"fields": "none"})).json()

    assert answer == {"id": created["id"], "href": created["href"]}
    schema = shown["application/json"]["schema"] | {"components": whole["components"]}
    jsonschema.validate(answer, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer | {"name": 7}, schema)
    with pytest.raises(jsonschema.ValidationError, match="'name' is a required property"):
        jsonschema.validate(answer, _whole_category(whole))


def _whole_category(document: dict[str, Any]) -> dict[str, Any]:
    return {"$ref": "#/components/schemas/Category", "components": document["components"]}
