"""Absolute hrefs: made once when a resource is created, stored with it, the same on every read."""

import re
from typing import Protocol
from urllib.parse import quote

_VERSION = re.compile(r"v\d+")


class Addressed(Protocol):
    """What knows the base of every href: the settings, or a unit of work."""

    @property
    def public_url(self) -> str: ...


def href_of(addressed: Addressed, path: str, resource_id: str) -> str:
    """`http://host/tmf-api/<api>/v4/<resource>/<id>`; `path` is the collection's."""
    return f"{addressed.public_url}{path}/{quote(resource_id, safe='')}"


def resource_of(path: str) -> str:
    """`productOrder` of `/tmf-api/productOrderingManagement/v4/productOrder`."""
    return path.rsplit("/", 1)[-1]


def api_of(path: str) -> str:
    """`productOrderingManagement` of the same path: the segment before the version."""
    segments = path.strip("/").split("/")
    versions = [at for at, segment in enumerate(segments) if at and _VERSION.fullmatch(segment)]
    return segments[versions[0] - 1] if versions else segments[0]
