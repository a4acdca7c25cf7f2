"""The run in tables: orders, times, bills, events, fallout, one order, one customer."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from dualbus_cli.demo.bills import BillCheck
from dualbus_cli.demo.event_audit import DEFINITION
from dualbus_cli.demo.outcome import Outcome
from dualbus_cli.demo.timing import Times

_SHOWN_BILLS = 5


def show_outcome(outcome: Outcome, console: Console) -> None:
    """All tables but the two of single examples."""
    for table in (
        _orders(outcome),
        _times(outcome.complete, outcome.hops),
        _bills(outcome),
        _single_bills(outcome),
        _events(outcome),
        _fallout(outcome),
    ):
        console.print(table)
    console.print(DEFINITION, style="dim", highlight=False)


def _table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
    return table


def _orders(outcome: Outcome) -> Table:
    table = _table("Orders by state", "state in the ODS", "orders", right=["orders"])
    for state, count in outcome.by_state().most_common():
        table.add_row(state, str(count))
    table.add_row("taken", str(len(outcome.orders)), style="bold")
    return table


def _times(complete: Times, hops: Mapping[str, Times]) -> Table:
    right = ["p50 ms", "p99 ms", "measured"]
    table = _table("Where the time went", "", *right, right=right)
    for name, times in hops.items():
        table.add_row(name, f"{times.p50:.1f}", f"{times.p99:.1f}", str(times.count))
    name, count = "accepted → complete in the ODS", str(complete.count)
    table.add_row(name, f"{complete.p50:.1f}", f"{complete.p99:.1f}", count, style="bold")
    return table


def _bills(outcome: Outcome) -> Table:
    right = ["customers", "bills", "billed", "expected", "wrong"]
    table = _table(f"Bills of {outcome.period}", "", *right, right=right)
    for name, check in (("file", outcome.file_bills), ("other orders", outcome.other_bills)):
        table.add_row(name, *_bill_figures(check))
    return table


def _bill_figures(check: BillCheck) -> tuple[str, ...]:
    total, expected = f"{check.total:,.2f}", f"{check.expected:,.2f}"
    return str(check.customers), str(check.bills), total, expected, str(len(check.wrong))


def _single_bills(outcome: Outcome) -> Table:
    """A few of the file's customers; those with a wrong bill first."""
    right = ["MonthlyCharges", "billed"]
    table = _table("Some of the file's bills", "customer", *right, right=right)
    wrong = {customer: billed for customer, billed, _ in outcome.file_bills.wrong}
    of_file = [order.plan for order in outcome.orders if order.plan.group == "file"]
    of_file.sort(key=lambda plan: plan.customer_id not in wrong)
    for plan in of_file[:_SHOWN_BILLS]:
        billed = wrong.get(plan.customer_id, plan.monthly)
        style = "red" if plan.customer_id in wrong else ""
        shown = "none" if billed is None else f"{billed:.2f}"
        table.add_row(plan.customer_id, f"{plan.monthly:.2f}", shown, style=style)
    return table


def _events(outcome: Outcome) -> Table:
    columns = ("committed", "subscriber", "ods", "lost", "doubled", "phantom")
    table = _table("Events each side saw", "topic", *columns, right=columns)
    for topic, count in outcome.audit.by_topic.items():
        table.add_row(topic, *(str(getattr(count, column)) for column in columns))
    totals = [str(outcome.audit.total(column)) for column in columns]
    table.add_row("all", *totals, style="bold")
    return table


def _fallout(outcome: Outcome) -> Table:
    table = _table("Orders in fallout, and why (look at one with: dualbus process show)")
    table.add_column("customer", min_width=26, overflow="fold")
    table.add_column("order", min_width=36, overflow="fold")
    table.add_column("reason", overflow="fold")
    for one in outcome.fallout:
        table.add_row(one.customer_id, one.order_id, "; ".join(one.reasons))
    return table
