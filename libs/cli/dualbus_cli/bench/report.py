"""The figures as one flat object, and as tables to read."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from dualbus_cli.bench.fanout import FanOut
from dualbus_cli.bench.floor.run import FloorResult
from dualbus_cli.bench.flow import AtRate, Saturated
from dualbus_cli.bench.percentiles import milliseconds

Figures = dict[str, float | int | str]
_FLOW = "order_flow."
_NOT_OURS = ("postgres", "kafka", "bench")


def message_figures(fan_out: FanOut) -> Figures:
    """Messages per order, all and by topic, and how often one of them reaches a service."""
    by_topic = {f"{_FLOW}messages.{topic}": n for topic, n in fan_out.messages.items()}
    return {
        f"{_FLOW}messages_per_order": fan_out.total,
        f"{_FLOW}deliveries_per_order": fan_out.deliveries,
        **by_topic,
    }


def rate_figures(measured: AtRate) -> Figures:
    """p50 and p99 in milliseconds at one rate, and of each task between sent and answered."""
    rate = f"@{measured.per_second:.0f}"
    figures: Figures = {}
    for percent in (50, 99):
        figures[f"{_FLOW}p{percent}_ms{rate}"] = milliseconds(measured.complete_s, percent)
        figures[f"{_FLOW}post_p{percent}_ms{rate}"] = milliseconds(measured.post_s, percent)
    for task, seconds in measured.hops.items():
        for percent in (50, 99):
            figures[f"{_FLOW}{task}_p{percent}_ms{rate}"] = milliseconds(seconds, percent)
    return figures


def saturated_figures(measured: Saturated) -> Figures:
    """Orders per second, processor seconds per order, memory by process."""
    per_order = {name: cpu / measured.orders for name, cpu in measured.cpu_s.items()}
    ours = sum(cpu for name, cpu in per_order.items() if name not in _NOT_OURS)
    figures: Figures = {
        f"{_FLOW}per_s": round(measured.per_s, 1),
        f"{_FLOW}saturated_orders": measured.orders,
        f"{_FLOW}cpu_s_per_order": round(ours, 5),
    }
    figures |= {f"{_FLOW}cpu_ms_per_order.{n}": round(s * 1000, 3) for n, s in per_order.items()}
    return figures | {f"memory_mb.{name}": mb for name, mb in measured.usage.memory_mb.items()}


def floor_figures(floor: FloorResult, per_s: float | None) -> Figures:
    """The floor, and how the system compares if it was measured in the same run."""
    figures: Figures = {
        f"{_FLOW}floor_per_s": round(floor.per_s, 1),
        f"{_FLOW}floor_cpu_s_per_order": round(
            sum(s for name, s in floor.cpu_s.items() if name not in _NOT_OURS) / floor.orders, 5
        ),
    }
    for name, seconds in floor.cpu_s.items():
        figures[f"{_FLOW}floor_cpu_ms_per_order.{name}"] = round(seconds / floor.orders * 1000, 3)
    if per_s is not None:
        figures[f"{_FLOW}ratio"] = round(per_s / floor.per_s, 3)
    return figures


def show(figures: Mapping[str, float | int | str], console: Console) -> None:
    """One table of the figures, in their groups."""
    table = Table("figure", "value", title="Bench")
    group = ""
    for name, value in figures.items():
        if name.partition(".")[0] != group:
            group = name.partition(".")[0]
            table.add_section()
        table.add_row(name, str(value))
    console.print(table)
