"""A resource of a running service, as the rules handle it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from dualbus_events.tmforum.definition import ResourceDefinition, api_definition
from jsonschema import Draft4Validator

from tests.conformance.case import Body, Case
from tests.conformance.samples import full_body
from tests.harness import Harness


@cache
def _validator(api: str, name: str) -> Draft4Validator:
    schemas = api_definition(api)["definitions"]
    return Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": schemas})


@dataclass
class Subject:
    """One case on one running service; made once per module, so it keeps what it created."""

    case: Case
    service: Harness
    _prepared: Body | None = None
    _full: Body | None = field(default=None)
    _inside: Body = field(default_factory=dict)

    @property
    def definition(self) -> ResourceDefinition:
        return self.case.definition

    @property
    def path(self) -> str:
        return self.definition.base_path + self.collection

    @property
    def collection(self) -> str:
        """The path under the base path; `enter` before where it is inside another resource."""
        return self.definition.collection.format_map(self._inside)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    @property
    def operations(self) -> frozenset[str]:
        return self.case.operations

    async def enter(self) -> None:
        """Make the resource that the collection is inside of, once."""
        if self.case.inside and not self._inside:
            self._inside = await self.case.inside(self.service)

    async def minimal(self) -> Body:
        """The least body, whatever it needs made first."""
        if self._prepared is None or self.case.prepare_each:
            prepare = self.case.prepare
            self._prepared = self.case.body | (await prepare(self.service) if prepare else {})
        return dict(self._prepared)

    async def full(self, *, turn: int = 0) -> Body:
        """A body with every attribute of the definition; `turn` picks among its examples."""
        everything = full_body(self.definition, without=self.case.fixed, turn=turn)
        attributes = self.definition.attributes
        examples = {n: v for n, v in everything.items() if "example" in attributes[n]}
        return everything | await self.minimal() | examples

    async def create(self, body: Body | None = None) -> Body:
        """A new resource as the server answers it: of the least body, or of this one."""
        if "create" not in self.operations:
            assert self.case.seed, f"{self.case.name}: neither POST nor seed"
            return await self.case.seed(self.service)
        answer = await self.client.post(self.path, json=body or await self.minimal())
        assert answer.status_code == 201, f"{self.case.name}: {answer.status_code} {answer.text}"
        created: Body = answer.json()
        return created

    async def complete(self) -> Body:
        """A resource with every attribute; the same one each time, so don't change it."""
        if self._full is None:
            self._full = await self.create(await self.full())
        return self._full

    async def list(self, **parameters: Any) -> list[Body]:
        """A list that must be answered with 200, without how old a view is: that changes."""
        answer = await self.client.get(self.path, params=parameters)
        assert answer.status_code == 200, f"{answer.request.url}: {answer.text}"
        found: list[Body] = answer.json()
        for one in found:
            one.pop("freshness", None)
        return found

    def must_be_valid(self, resource: Body) -> None:
        """Fails with every place that the official definition does not allow."""
        errors = _validator(self.case.api, self.case.name).iter_errors(resource)
        found = [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in errors]
        assert not found, f"{self.case.name}: {found}"
