"""What a task says: the order, its item, the specification, and what was done before it. No IO."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dualbus_events.tasks import Task, reply_topic
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp

from order_svc.catalogue.offers import Offer
from order_svc.process.graph import Node, Process, Send

_REPLY_TO = reply_topic("order")
_OF_THE_ORDER = ("id", "href", "externalId", "orderDate", "billingAccount")


class TaskWriter:
    """Makes the tasks of one process from its order's JSON."""

    def __init__(
        self,
        process: Process,
        order: Mapping[str, Any],
        *,
        offers: Mapping[str, Offer],
        cause: Cause,
    ) -> None:
        self._process = process
        self._order = order
        self._offers = offers
        self._cause = cause
        self._items = {item["id"]: item for item in order["productOrderItem"]}

    def task(self, send: Send) -> Task:
        """The message for a participant; an undo's names what it undoes, and its result."""
        process, node = self._process, send.node
        payload = self._payload(node)
        if send.undo:
            payload["undoes"] = process.task_id(node)
            payload["result"] = node.result or {}
        return Task(
            task_id=process.undo_id(node) if send.undo else process.task_id(node),
            process_id=process.id,
            type=f"{node.type}.undo" if send.undo else node.type,
            payload=payload,
            deadline=timestamp(datetime.fromtimestamp(node.due or 0, UTC)),
            reply_to=_REPLY_TO,
            customer_id=process.customer_id,
            cause=self._cause,
        )

    def _payload(self, node: Node) -> dict[str, Any]:
        order = self._order
        payload: dict[str, Any] = {
            "productOrder": {name: order[name] for name in _OF_THE_ORDER if name in order},
            "customerId": self._process.customer_id,
            "relatedParty": order.get("relatedParty") or [],
            "results": results_before(self._process, node),
        }
        if node.item is None:
            users = {item.id for item in self._process.users_of(node)}
            payload["items"] = [_short(item) for id_, item in self._items.items() if id_ in users]
            return payload
        item = self._items[node.item]
        payload["item"] = item
        payload.update(self._offered(item))
        return payload

    def _offered(self, item: Mapping[str, Any]) -> dict[str, Any]:
        reference = item["productOffering"]
        offer = self._offers.get(reference["id"])
        if offer is None:
            # The offering was taken out of the catalogue while its last orders are under way.
            specification = item["product"].get("productSpecification") or {}
            return {"productSpecification": specification, "productOffering": reference}
        offering: dict[str, Any] = {"id": offer.offering.id, "name": offer.offering.name}
        agreement = offer.offering.service_level_agreement
        if agreement:
            offering["serviceLevelAgreement"] = agreement.to_dict()
        return {"productSpecification": offer.specification_json, "productOffering": offering}


def results_before(process: Process, node: Node) -> dict[str, Any]:
    """The results of all done tasks that this one comes after, by their ids in the plan."""
    results: dict[str, Any] = {}
    open_keys = list(node.after)
    seen = set(open_keys)
    while open_keys:
        before = process.nodes[open_keys.pop()]
        if before.state == "done":
            results[before.name] = before.result or {}
        new = [key for key in before.after if key not in seen]
        seen.update(new)
        open_keys += new
    return results


def offering_ids(order: Mapping[str, Any]) -> set[str]:
    """The offerings that the items of an order, as JSON, are about."""
    references = (item.get("productOffering") for item in order["productOrderItem"])
    return {reference["id"] for reference in references if reference}


def _short(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "action", "productOffering", "billingAccount")
    return {name: item[name] for name in kept if name in item}
