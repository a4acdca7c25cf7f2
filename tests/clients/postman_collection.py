"""A Postman collection of one API, made of its official definition: what a kit would ask."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from dualbus_events.tmforum.definition import api_definition

from tests.conformance.case import Body
from tests.conformance.kit_attributes import kit_attributes
from tests.conformance.rules_of_bodies import without
from tests.conformance.subject import Subject
from tests.conformance.suite import applies

Item = dict[str, Any]

_SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_ASSERTIONS: Final = Path(__file__).with_name("kit_assertions.js").read_text()
_UNKNOWN_ID: Final = "3z06z842-763z4z2z-80z1-875zz14z6zz4"
"""What the TMF648 kit asks for and wants a 404 of."""
_CALLBACK: Final = "https://example.com/subscriber"
_QUOTES: Final = ("", '"', "'")
"""Around moments: the kits of TMF641 and TMF652 write one kind, that of TMF642 the other."""
_PATCHES: Final[Mapping[tuple[str, str], Body]] = {
    # Profiles say what they patch; where none does, the attribute is an extension's.
    ("TMF622", "ProductOrder"): {"description": "changed"},
    ("TMF629", "Customer"): {"name": "changed"},
    ("TMF642", "Alarm"): {"perceivedSeverity": "minor", "probableCause": "fire"},
}


@dataclass(frozen=True)
class Requested:
    """One resource of the collection, with the bodies for its requests."""

    subject: Subject
    least: Body | None
    full: Body | None
    present: Body | None
    """A resource that is there already, where there is no POST."""

    @classmethod
    async def of(cls, subject: Subject) -> "Requested":
        await subject.enter()
        if "create" not in subject.operations:
            return cls(subject, None, None, present=await subject.create())
        return cls(subject, await subject.minimal(), await subject.full(), present=None)


def collection(api: str, resources: Sequence[Requested], base_url: str) -> Item:
    """In the format of Postman v2.1, to run against the service at `base_url`."""
    base_path = resources[0].subject.definition.base_path
    folders: list[Item] = [
        {"name": one.subject.definition.resource, "item": list(_requests(one))} for one in resources
    ]
    if "/hub" in api_definition(api)["paths"]:
        folders.append({"name": "hub", "item": list(_of_hub())})
    return {
        "info": {"name": api, "schema": _SCHEMA},
        "variable": [{"key": "base", "value": base_url + base_path}],
        "item": folders,
    }


def number_of_requests(made: Item) -> int:
    return sum(len(folder["item"]) for folder in made["item"])


def _requests(one: Requested) -> Iterator[Item]:
    subject, name = one.subject, one.subject.collection[1:]
    attributes = list(kit_attributes(subject.case.api, subject.case.name))
    if one.present:
        yield _request("GET", f"{name}/{one.present['id']}", "remember(answer()); status(200)")
    else:
        yield from _posts(one, attributes)
    yield _request("GET", name, _call("listed", attributes))
    yield _request("GET", f"{name}/{{{{id}}}}", _call("retrieved", attributes))
    yield from _filters(one, attributes)
    yield _request("GET", f"{name}/{_UNKNOWN_ID}", _call("refused", 404))
    if "patch" in subject.operations and applies("merge patch", subject.case):
        patch = _PATCHES.get((subject.case.api, subject.case.name), _a_patch(subject))
        yield _request("PATCH", f"{name}/{{{{id}}}}", _call("patched", patch), patch)
        yield _request("PATCH", f"{name}/{_UNKNOWN_ID}", _call("refused", 404), patch)
    if "delete" in subject.operations and applies("delete", subject.case):
        yield _request("DELETE", f"{name}/{{{{id}}}}", _call("deleted"))
        yield _request("GET", f"{name}/{{{{id}}}}", _call("refused", 404))


def _posts(one: Requested, attributes: Sequence[str]) -> Iterator[Item]:
    name = one.subject.collection[1:]
    assert one.least is not None
    for path in one.subject.case.must_bring:
        yield _request("POST", name, _call("refused", 400), without(one.least, path))
    yield _request("POST", name, _call("created", attributes), one.least)
    if not one.subject.case.prepare_each:
        yield _request("POST", name, _call("created", attributes), one.full)


def _filters(one: Requested, attributes: Sequence[str]) -> Iterator[Item]:
    """Kits filter by what they were answered, moments in any quotes, and project each attribute."""
    name, definition = one.subject.collection[1:], one.subject.definition
    for attribute in ("href", *attributes):
        schema = definition.resolved(definition.attributes.get(attribute, {}))[1]
        if schema.get("type") in ("string", "boolean"):
            for quote in _QUOTES if schema.get("format") == "date-time" else ("",):
                asked = f"{name}?{attribute}={quote}{{{{{attribute}}}}}{quote}"
                yield _request("GET", asked, _call("filtered", attribute))
    for attribute in attributes:
        bare = attribute.partition("[")[0]
        yield _request("GET", f"{name}?fields={bare}&id={{{{id}}}}", _call("projected", bare))


def _a_patch(subject: Subject) -> Body:
    attributes = subject.definition.attributes
    named = next((n for n in ("name", "description") if n in attributes), None)
    return {named or "ours": "changed"}


def _of_hub() -> Iterator[Item]:
    body = {"callback": _CALLBACK}
    yield _request("POST", "hub", _call("refused", 400), {})
    yield _request("POST", "hub", _call("registered", _CALLBACK), body)
    yield _request("DELETE", "hub/{{hub}}", _call("deleted"))
    yield _request("DELETE", "hub/{{hub}}", _call("refused", 404))


def _call(function: str, *arguments: Any) -> str:
    return f"kit.{function}({', '.join(orjson.dumps(a).decode() for a in arguments)})"


def _request(method: str, path: str, script: str, body: Body | None = None) -> Item:
    request: Item = {"method": method, "url": f"{{{{base}}}}/{path}", "header": []}
    if body is not None:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {"mode": "raw", "raw": orjson.dumps(body).decode()}
    event = {"listen": "test", "script": {"exec": [_ASSERTIONS, script]}}
    return {"name": f"{method} {path}", "request": request, "event": [event]}
