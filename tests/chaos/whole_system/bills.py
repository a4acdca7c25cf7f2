"""Bills: one for every customer who has something, of what the catalogue says it costs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from dualbus_cli.demo.bills import bills_of, next_month, run_bills
from dualbus_cli.demo.price_list import monthly_prices
from dualbus_cli.places import REPOSITORY

from tests.e2e.channel import Body
from tests.e2e.ledger import Comparison
from tests.e2e.running_system import RunningSystem

_CATALOGUE: Final = REPOSITORY / "deploy" / "demo" / "catalogue"
_ACCOUNTS: Final = (
    "SELECT customer_id AS id, count(*) AS count FROM billing_account "
    "WHERE state = 'active' AND customer_id = ANY($1) GROUP BY 1"
)


async def compare_bills(
    system: RunningSystem, completed: Sequence[Body], customer_ids: Sequence[str]
) -> list[Comparison]:
    """Bill the first month that is charged in full, twice, and compare what came of it.

    `completed` are all orders that these customers have had completed.
    """
    url, period = system.stack.url("billing"), next_month(datetime.now(UTC).date())
    await run_bills(url, period)
    await run_bills(url, period)
    billed = await bills_of(url, period, customer_ids)
    owed = _cents_owed(completed)
    cents = {id_: int(sum(amounts) * 100) for id_, amounts in billed.items()}
    rows = await system.rows("billing", _ACCOUNTS, list(owed))
    return [
        Comparison("account", dict.fromkeys(owed, 1), {row["id"]: row["count"] for row in rows}),
        Comparison(
            "bill", dict.fromkeys(owed, 1), {id_: len(them) for id_, them in billed.items()}
        ),
        Comparison("cent billed", owed, cents),
    ]


def _cents_owed(completed: Sequence[Body]) -> Mapping[str, int]:
    _, prices = monthly_prices(_CATALOGUE)
    owed: Counter[str] = Counter()
    for order in completed:
        [customer] = [p["id"] for p in order["relatedParty"] if p["role"] == "customer"]
        for item in order["productOrderItem"]:
            owed[customer] += int(prices[item["productOffering"]["id"]] * Decimal(100))
    return owed
