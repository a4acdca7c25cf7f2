"""One order's track and one customer's view, as the ODS shows them."""

from datetime import datetime
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from dualbus_cli.demo.channels import TakenOrder
from dualbus_cli.demo.outcome import Outcome

_VIEW = "/tmf-api/customer360/v4/customer360"


async def show_examples(outcome: Outcome, ods_url: str, console: Console) -> None:
    """A completed order with a value-added service if there is one."""
    order = _example(outcome)
    if order is None:
        return
    async with httpx.AsyncClient(base_url=ods_url, timeout=30) as client:
        answer = await client.get(f"{_VIEW}/{order.plan.customer_id}")
    view: dict[str, Any] = answer.raise_for_status().json()
    [shown] = [one for one in view["productOrder"] if one["id"] == order.id]
    console.print(_track(shown))
    console.print(_customer(view))


def _example(outcome: Outcome) -> TakenOrder | None:
    completed = [o for o in outcome.orders if outcome.state_of(o) == "completed"]
    with_vas = [o for o in completed if "mobile-ringback" in str(o.plan.order)]
    return min(with_vas or completed, key=lambda order: order.plan.items, default=None)


def _track(order: dict[str, Any]) -> Table:
    table = Table(
        title=f"Track of order {order['id']} ({order['state']})",
        title_justify="left",
        title_style="bold",
    )
    for column in ("sent ms", "took ms"):
        table.add_column(column, justify="right")
    for column in ("task", "item", "outcome"):
        table.add_column(column, no_wrap=True)
    begun = datetime.fromisoformat(order["orderDate"])
    for step in order["track"]:
        sent = step.get("sent") or step.get("sentAt")
        after = (datetime.fromisoformat(sent) - begun).total_seconds() * 1000 if sent else 0
        took = str(step.get("milliseconds", ""))
        item = step.get("itemId") or step.get("item") or ""
        task = str(step.get("task") or step.get("type"))
        table.add_row(f"{after:.0f}", took, task, str(item), str(step.get("outcome") or "open"))
    return table


def _customer(view: dict[str, Any]) -> Tree:
    tree = Tree(f"[bold]Customer {view['name']}[/bold] ({view['status']}), seen in one read")
    for account in view["account"]:
        tree.add(f"account {account['name']}: {account.get('state')}")
    for order in view["productOrder"]:
        tree.add(f"order {order['id']}: {order['state']}, {len(order['productOrderItem'])} items")
    products = tree.add(f"{len(view['productValue'])} products")
    for product in view["productValue"]:
        products.add(f"{product['name']}: {product['status']}")
    services = tree.add(f"{len(view['service'])} services")
    for service in view["service"]:
        held = ", ".join(str(r.get("value")) for r in service.get("supportingResource", []))
        services.add(f"{service['name']}: {service['state']} {held}")
    for agreement in view["serviceLevelAgreement"]:
        tree.add(f"service level {agreement['name']}: {agreement['state']}")
    for bill in view["customerBill"]:
        amount = bill["amountDue"]
        tree.add(f"bill {bill['billNo']}: {amount['value']:.2f} {amount['unit']}, {bill['state']}")
    lags = {part: fresh.get("lagMs") for part, fresh in view["freshness"].items()}
    tree.add(f"fresh as of (ms ago): {', '.join(f'{part} {lag}' for part, lag in lags.items())}")
    return tree
