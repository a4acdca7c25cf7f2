"""newman runs a collection made of the definition of each API: POST, GET, lists, PATCH, DELETE."""

from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from tests.clients.live_service import live
from tests.clients.newman_run import install_newman, run_newman
from tests.clients.postman_collection import Requested, collection, number_of_requests
from tests.clients.served_apis import EVERY_API, ServedApi, parameters
from tests.conformance.subject import Subject
from tests.eai.serving import serving
from tests.node_packages import NEEDS_NODE

pytestmark = NEEDS_NODE


@pytest.fixture(scope="module")
def newman() -> Path:
    return install_newman()


@pytest.mark.parametrize("api", parameters(at_once=("TMF622", "TMF629")))
async def test_every_api_passes_its_collection(
    newman: Path, postgres_dsn: str, tmp_path: Path, api: ServedApi
) -> None:
    async with live(api.spec, postgres_dsn) as service:
        resources = [await Requested.of(Subject(case, service.harness)) for case in api.cases]
        made = collection(api.name, resources, service.url)
        report = await run_newman(newman, made, tmp_path)

    assert report.failures == []
    assert report.requests == number_of_requests(made)
    assert report.assertions > report.requests


async def test_answers_that_break_every_rule_fail_every_request(
    newman: Path, postgres_dsn: str, tmp_path: Path
) -> None:
    """Else its silence about ours would mean nothing."""
    (customers,) = (one for one in EVERY_API if one.name == "TMF629")
    async with live(customers.spec, postgres_dsn) as service, serving(_careless) as url:
        resources = [await Requested.of(Subject(case, service.harness)) for case in customers.cases]
        made = collection("TMF629", resources, url)
        report = await run_newman(newman, made, tmp_path)

    failed = {failure.partition(":")[0] for failure in report.failures}
    assert failed == {
        f"{folder['name']}, {item['name']}" for folder in made["item"] for item in folder["item"]
    }


async def _careless(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers everything with 202 and an object that has no attribute."""
    await send({"type": "http.response.start", "status": 202, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})
