"""The answer to a question about consumption: made once, when it is asked."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dualbus_kit.clock import timestamp_now
from dualbus_kit.database import Connection

from billing_svc.usage_consumption import repository
from billing_svc.usage_consumption.criteria import Criteria
from billing_svc.usage_consumption.repository import Counter


async def usage_consumption(connection: Connection, query: Mapping[str, Any]) -> dict[str, Any]:
    """One TMF677 UsageConsumption, by wire names, for what a query asks.

    Usage records are those of the parties asked for, else of the customers of the buckets found.
    """
    criteria = Criteria.of(query)
    buckets = await repository.buckets_for(connection, criteria)
    spent = await repository.spent_of(connection, [bucket["id"] for bucket in buckets])
    parties = criteria.related_party or _customers(buckets)
    counters = await repository.counters_for(connection, parties=parties, criteria=criteria)
    now = timestamp_now()
    return {
        "@type": "UsageConsumption",
        "name": "Balances and counters",
        "state": "done",
        "creationDate": now,
        "lastUpdate": now,
        "bucketRefOrValue": [_bucket(bucket, spent.get(bucket["id"])) for bucket in buckets],
        "partyAccount": _each_once(bucket["partyAccount"] for bucket in buckets),
        "product": _products(buckets, counters),
        "consumptionSummary": [_summary(c) for c in counters if c.product is None],
    }


def _bucket(bucket: Mapping[str, Any], spent: Decimal | None) -> dict[str, Any]:
    left = bucket["remainingValue"]
    used = {"amount": float(spent or 0), "units": left["units"]}
    counter = {"counterType": "used", "level": "global", "value": used}
    return {**bucket, "bucketCounter": [counter]}


def _products(
    buckets: Sequence[Mapping[str, Any]], counters: Sequence[Counter]
) -> list[dict[str, Any]]:
    """The products that buckets or usage records name, with the counters of each."""
    named = [product for bucket in buckets for product in bucket.get("product") or []]
    named += [{"id": c.product} for c in counters if c.product is not None]
    return [
        {
            **product,
            "consumptionSummary": [_summary(c) for c in counters if c.product == product["id"]],
        }
        for product in _each_once(named)
    ]


def _summary(counter: Counter) -> dict[str, Any]:
    return {
        "counterType": counter.counter,
        "level": "global",
        "usageType": counter.usage,
        "value": {"amount": float(counter.value), "units": counter.units},
    }


def _customers(buckets: Iterable[Mapping[str, Any]]) -> list[str]:
    parties = [party for bucket in buckets for party in bucket.get("relatedParty") or []]
    customers = [p["id"] for p in parties if str(p.get("role")).casefold() == "customer"]
    return list(dict.fromkeys(customers))


def _each_once(references: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """References by their ids, the first of each."""
    return list({one["id"]: dict(one) for one in reversed([*references])}.values())[::-1]
