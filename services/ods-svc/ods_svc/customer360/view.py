"""The view as JSON: stored bytes joined; only the customer itself is parsed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import orjson

from ods_svc.customer360.parts import (
    BILL,
    CUSTOMER,
    CUSTOMER_PART,
    INTERACTION,
    INTERACTION_ITEM,
    NOT_OWNED,
    ORDER,
    PARTIES,
    RATE,
    Part,
)
from ods_svc.customer360.query import CustomerFacts
from ods_svc.customer360.selection import Selection
from ods_svc.customer360.staleness import freshness_of
from ods_svc.freshness import Freshness

PATH = "/tmf-api/customer360/v4/customer360"
TYPE = "Customer360"


def href_of(public_url: str, customer_id: str) -> str:
    """The view's own address, not that of the TMF629 customer."""
    return f"{public_url}{PATH}/{quote(customer_id, safe='')}"


def view_of(
    customer_id: str,
    facts: CustomerFacts,
    selection: Selection,
    *,
    public_url: str,
    freshness: Mapping[str, Freshness],
    now: datetime,
) -> bytes:
    """TMF717 Customer360. `facts` must hold the customer itself, `freshness` every part."""
    [customer] = facts.of(CUSTOMER)
    head = {"id": customer_id, "href": href_of(public_url, customer_id)}
    # TMF717: the view is the TMF629 customer with more; under `fields` only what was asked for.
    for name, value in orjson.loads(customer).items():
        if name not in ("id", "href", "@type") and selection.wants(name):
            head[name] = value
    if selection.fields is None or "@type" in selection.fields:
        head["@type"] = TYPE
    members = [orjson.dumps(head)[1:-1]]
    if selection.wants(CUSTOMER):
        members.append(_member(CUSTOMER, customer))
    members += [_member(p, facts.of(p)[0]) for p in PARTIES if selection.wants(p) and facts.of(p)]
    members += [_member(part.name, _array(part, facts, selection)) for part in selection.parts]
    members += [_member(name, b"[]") for name in NOT_OWNED if selection.wants(name)]
    if selection.wants("freshness"):
        parts = (CUSTOMER_PART, *selection.parts)
        fresh = {part.name: freshness_of(part, freshness[part.name], now) for part in parts}
        members.append(_member("freshness", orjson.dumps(fresh)))
    return b"{" + b",".join(members) + b"}"


def _member(name: str, value: bytes) -> bytes:
    return b'"%b":%b' % (name.encode(), value)


def _array(part: Part, facts: CustomerFacts, selection: Selection) -> bytes:
    if part.name == ORDER:
        by_id = facts.bodies.get(ORDER, {})
        orders = [_with(by_id[id_], "track", facts.track_of(id_)) for id_ in sorted(by_id)]
        return _joined(orders)
    if part.name == BILL and selection.nests_rates:
        return _bills_with_rates(facts)
    if part.name == INTERACTION_ITEM:
        return _interaction_items(facts)
    return _joined([body for resource in part.resources for body in facts.of(resource)])


def _interaction_items(facts: CustomerFacts) -> bytes:
    """The items of all interactions, each saying which it is part of."""
    items = []
    for interaction in map(orjson.loads, facts.of(INTERACTION)):
        of = {"id": interaction["id"], "href": interaction.get("href")}
        items += [{**one, INTERACTION: of} for one in interaction.get(INTERACTION_ITEM) or ()]
    return orjson.dumps(items)


def _bills_with_rates(facts: CustomerFacts) -> bytes:
    rates: dict[str, list[bytes]] = defaultdict(list)
    for rate in facts.of(RATE):
        rates[orjson.loads(rate)["bill"]["id"]].append(rate)
    bills = facts.bodies.get(BILL, {})
    return _joined([_with(bills[id_], RATE, _joined(rates[id_])) for id_ in sorted(bills)])


def _with(body: bytes, name: str, value: bytes) -> bytes:
    """A stored object with one member more; no stored body is empty, each has its id."""
    return b"%b,%b}" % (body.rstrip()[:-1], _member(name, value))


def _joined(bodies: list[bytes]) -> bytes:
    return b"[" + b",".join(bodies) + b"]"
