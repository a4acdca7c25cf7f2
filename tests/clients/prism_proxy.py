"""prism, a contract tool: a proxy that holds every request and answer against a definition."""

import asyncio
import asyncio.subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
from dualbus_cli.embedded.ports import HOST, free_port

from tests.node_packages import installed
from tests.waiting import eventually

_SOURCE: Final = Path(__file__).with_name("prism")
_SECONDS: Final = 120
_VIOLATIONS: Final = "sl-violations"


def install_prism() -> Path:
    """prism's folder; once per lock file, as long as the network takes."""
    return installed(_SOURCE)


@asynccontextmanager
async def proxied(prism: Path, definition: Path, upstream: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests go to `upstream` through prism, by the paths of the definition."""
    port = free_port()
    program = await asyncio.create_subprocess_exec(
        *("node", "node_modules/@stoplight/prism-cli/dist/index.js", "proxy"),
        *(definition, upstream, "--host", HOST, "--port", str(port), "--verboseLevel", "warn"),
        cwd=prism,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: _listens(port), seconds=_SECONDS)
        url = f"http://{HOST}:{port}"
        # node closes what is idle for 5 s, perhaps just when a slow test asks again.
        once = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=url, timeout=_SECONDS, limits=once) as client:
            yield client
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


def violations(answer: httpx.Response, *, of: str) -> list[str]:
    """What prism has against the `request` or the `response`: `body.state must be string`."""
    found: list[dict[str, Any]] = orjson.loads(answer.headers.get(_VIOLATIONS, "[]"))
    return [
        f"{'.'.join(map(str, one['location'][1:]))}: {one['message']}"
        for one in found
        if one["location"][0] == of
    ]


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
