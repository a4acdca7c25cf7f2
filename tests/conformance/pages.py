"""docs/apis, made of definitions and cases: `python -m tests.conformance.pages` writes it."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic
from dualbus_events.tmforum.definition import ResourceDefinition, api_definition
from dualbus_tmf.profiles import defaults_of

from tests.conformance.case import Case
from tests.conformance.every_case import cases_by_service
from tests.conformance.suite import RULES, applies

FOLDER: Final = Path(__file__).parents[2] / "docs" / "apis"
_REQUESTS: Final = {
    "list": "GET {path}",
    "retrieve": "GET {path}/{{id}}",
    "create": "POST {path}",
    "patch": "PATCH {path}/{{id}}",
    "delete": "DELETE {path}/{{id}}",
}
_COMMON: Final = Path(__file__).with_name("apis_readme.md")


def pages() -> dict[str, str]:
    """Every page by its file's name."""
    by_api: dict[str, list[tuple[str, Case]]] = defaultdict(list)
    for service, cases in cases_by_service().items():
        for case in cases:
            by_api[case.api].append((service, case))
    written = {f"{api}.md": "\n".join(_page(api, held)) for api, held in sorted(by_api.items())}
    return {"README.md": _COMMON.read_text().format(table="\n".join(_index(by_api))), **written}


def write() -> None:
    """Write what `pages` says and remove what it does not know."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text)


def _index(by_api: dict[str, list[tuple[str, Case]]]) -> Iterator[str]:
    yield "| API | service | resources |"
    yield "|---|---|---|"
    for api, held in sorted(by_api.items()):
        services = ", ".join(dict.fromkeys(f"{service}-svc" for service, _ in held))
        resources = ", ".join(case.definition.resource for _, case in held)
        yield f"| [{api}]({api}.md) {_title(api)} | {services} | {resources} |"


def _page(api: str, held: list[tuple[str, Case]]) -> Iterator[str]:
    info = api_definition(api)["info"]
    yield f"# {api} {_title(api)}"
    yield ""
    yield f"Definition v{info['version']}. What holds for all APIs: [README.md](README.md)."
    for service, case in held:
        yield from _resource(service, case)
    missing = _missing(api, {case.definition.resource for _, case in held})
    if missing:
        yield ""
        yield "## Not served"
        yield ""
        yield f"Resources of the definition that nobody here has: {', '.join(missing)}."
    yield ""


def _resource(service: str, case: Case) -> Iterator[str]:
    definition = case.definition
    yield ""
    yield f"## {definition.resource} ({service}-svc)"
    yield ""
    yield "| operation | served |"
    yield "|---|---|"
    for operation, request in _REQUESTS.items():
        served = _served(case, operation)
        if served:
            yield f"| `{request.format(path=definition.path)}` | {served} |"
    yield ""
    if case.also_at:
        yield f"* Also at {_names(case.also_at)}, where kit and definition differ"
    if "create" in case.operations:
        yield f"* Mandatory: {_names(case.must_bring) or 'nothing'}"
        yield f"* Set when left out: {_names(sorted(defaults_of(definition))) or 'nothing'}"
    topic = _topic(definition)
    if topic:
        yield f"* Events on `{topic.name}`: {_names(sorted(topic.events))}"
    for rule, reason in case.not_here.items():
        yield f"* Not *{rule}*: {reason}"
    tested = [rule for rule in RULES if applies(rule, case)]
    yield f"* Tested: {', '.join(tested)}"


def _served(case: Case, operation: str) -> str:
    if operation in case.lacks:
        return f"no: {case.lacks[operation]}"
    if operation in case.beyond:
        return f"yes, though the definition does not have it: {case.beyond[operation]}"
    return "yes" if operation in case.definition.operations else ""


def _topic(definition: ResourceDefinition) -> FactTopic[Document] | None:
    return next((t for t in FACT_TOPICS if t.resource == definition.resource), None)


def _names(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _title(api: str) -> str:
    title: str = api_definition(api)["info"]["title"]
    return title.removeprefix("API ")


def _missing(api: str, held: set[str]) -> list[str]:
    paths = (path.split("/") for path in api_definition(api)["paths"])
    collections = {parts[1] for parts in paths if len(parts) == 2}
    return sorted(collections - held - {"hub"})


if __name__ == "__main__":
    write()
