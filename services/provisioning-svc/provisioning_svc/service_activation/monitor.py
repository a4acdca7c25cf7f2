"""Monitors (TMF640): what was asked of the network, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from dualbus_events.contract.activation import MONITOR as TOPIC
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.declaration import DeclaredAggregate
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.hrefs import Addressed

from provisioning_svc import tables
from provisioning_svc.service_inventory.aggregate import Service

_JSON = [{"name": "Content-Type", "value": "application/json"}]
_SUCCESS = {"POST": "201", "PATCH": "200", "DELETE": "204"}
_FAILURE = {"rejected": "409", "failed": "500"}


class MonitorNotFound(NotFound):
    code = "monitorNotFound"
    reason = "There is no such monitor"


@dataclass(frozen=True)
class Asked:
    """A request as it came; `to` is its address."""

    method: str
    to: str
    body: bytes = b""


_COLUMNS: Mapping[str, Callable[[Any], object]] = {
    "state": lambda document: document.state,
    "service_id": lambda document: document.service.id,
}

MONITOR = declare_defined(
    TOPIC,
    table=tables.monitor,
    machine=state_machines.MONITOR,
    columns=_COLUMNS,
    indexed={"service.id": "service_id"},
    operations={"read"},
    not_found=MonitorNotFound,
)


def new_monitor(
    asked: Asked, service: Service, order: Mapping[str, Any], addressed: Addressed
) -> DeclaredAggregate:
    """A monitor of a request that is being carried out by the service order `order` refers to."""
    document = service.document
    parties = [one.to_dict() for one in document.related_party or []]
    body = {
        "sourceHref": document.href,
        "service": {"id": document.id, "href": document.href, "@referredType": "Service"},
        "serviceOrder": order,
        "request": {
            "method": asked.method,
            "to": asked.to,
            "header": _JSON,
            "body": asked.body.decode(),
        },
        "relatedParty": parties or None,
    }
    return MONITOR.new(body, addressed)


def complete_monitor(monitor: DeclaredAggregate, service: Service) -> None:
    """The network did it; the answer is what the request would have been answered with."""
    method = monitor.document.to_dict()["request"]["method"]
    _end(monitor, "Completed", _SUCCESS[method], service.document.to_bytes())


def fail_monitor(monitor: DeclaredAggregate, *, outcome: str, code: str, message: str) -> None:
    """The network refused it (`rejected`), or could not do it (`failed`)."""
    _end(monitor, "InError", _FAILURE[outcome], orjson.dumps({"code": code, "reason": message}))


def _end(monitor: DeclaredAggregate, state: str, status: str, body: bytes) -> None:
    response = {"statusCode": status, "header": _JSON, "body": body.decode()}
    monitor.patch({"state": state, "response": response})
