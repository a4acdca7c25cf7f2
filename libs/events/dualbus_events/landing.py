"""One page per service, at its root: its API, its events, its health."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.facts import EventType

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
code{{background:#8882;padding:0 .3em}}</style>
<h1>{title}</h1>
<h2>API</h2><p><a href="docs">Try it</a> · <a href="redoc">read it</a> ·
<a href="openapi.json">openapi.json</a></p><ul>{apis}</ul>
<h2>Events</h2><p><a href="asyncapi.json">asyncapi.json</a></p><ul>{events}</ul>
<h2>Health</h2><p><a href="health/live">live</a> · <a href="health/ready">ready</a> ·
<a href="metrics">metrics</a></p>
</html>
"""


def landing_router(name: str, title: str) -> APIRouter:
    """`GET /` for people; programs start at `/openapi.json` and `/asyncapi.json`."""
    router = APIRouter()

    @router.get("/", include_in_schema=False)
    async def landing(request: Request) -> HTMLResponse:
        paths = request.app.openapi()["paths"]
        collections = [path for path in paths if path.startswith("/tmf-api/") and "{" not in path]
        return HTMLResponse(
            _PAGE.format(title=escape(title), apis=_apis(collections), events=_events(name))
        )

    return router


def _apis(collections: list[str]) -> str:
    # Relative, so that the links hold behind a gateway's prefix too.
    return "".join(
        f'<li><a href="{escape(path[1:])}?limit=10"><code>{escape(path)}</code></a></li>'
        for path in collections
    )


def _events(owner: str) -> str:
    topics = [topic for topic in FACT_TOPICS if topic.owner == owner]
    return "".join(
        f"<li><code>{escape(topic.name)}</code>: {', '.join(map(_schema, topic.events.values()))}"
        for topic in topics
    )


def _schema(event: EventType[Any]) -> str:
    return f'<a href="{event.dataschema[1:]}">{escape(event.name)}</a>'
