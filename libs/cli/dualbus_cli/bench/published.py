"""The figures that were published with the code: what a new run is compared with."""

import json
from collections.abc import Mapping
from typing import Final

from dualbus_cli.bench.report import Figures
from dualbus_cli.places import REPOSITORY

_FIGURES: Final = REPOSITORY / "docs" / "performance.json"
_PAGE: Final = REPOSITORY / "docs" / "performance.md"
_BEGIN: Final = "<!-- figures: written by `dualbus bench --publish` -->"
_END: Final = "<!-- end of figures -->"
_LEAST_OF_BEFORE: Final = 0.8


def published_figures() -> Figures:
    """Those of the last published run; none when nothing was published."""
    if not _FIGURES.exists():
        return {}
    figures: Figures = json.loads(_FIGURES.read_text())
    return figures


def fallen(figures: Mapping[str, float | int | str], before: Figures) -> list[str]:
    """Which ratios fell by more than a fifth, said in words. Only ratios outlive a machine."""
    return [
        f"{name}: {now} now, {then} published"
        for name, now in figures.items()
        if name.endswith("ratio")
        and isinstance(now, int | float)
        and isinstance(then := before.get(name), int | float)
        and now < then * _LEAST_OF_BEFORE
    ]


def publish(figures: Figures) -> None:
    """Write the figures beside docs/performance.md, and its table."""
    _FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    before, _, rest = _PAGE.read_text().partition(_BEGIN)
    after = rest.partition(_END)[2]
    _PAGE.write_text(f"{before}{_BEGIN}\n{table(figures)}\n{_END}{after}")


# Architecture's targets: the figure, what it is, the bar, and whether more is better.
_BARS: Final = (
    ("order_flow.ratio", "orders completed per second, saturated, against the floor", 0.5, True),
    ("order_flow.p50_ms@50", "accepted → complete in the ODS at 50 orders/s, p50 ms", 300, False),
    ("order_flow.p99_ms@50", "the same, p99 ms", 1000, False),
    ("order_flow.post_p50_ms@100", "POST productOrder at 100/s, p50 ms", 15, False),
    ("order_flow.post_p99_ms@100", "the same, p99 ms", 60, False),
    ("bus.relay_per_s", "relay draining a backlog, events/s", 25_000, True),
    ("bus.relay_ratio", "the same, against bare drivers", None, True),
    ("bus.consumer_per_s", "consumer with inbox, events/s", 20_000, True),
    ("bus.consumer_ratio", "the same, against bare drivers", None, True),
    ("bus.consumer_duplicates_per_s", "consumer, all duplicates, events/s", None, True),
    ("bus.consumer_duplicates_ratio", "the same, against bare drivers", None, True),
    ("bus.together_per_s", "relay and consumer at once, events/s", None, True),
    ("facts.applied_p50_ms@100", "commit → applied in the ODS at 100/s, p50 ms", None, False),
    ("facts.applied_p99_ms@100", "the same, p99 ms", None, False),
    ("facts.applied_p50_ms@500", "commit → applied in the ODS at 500/s, p50 ms", 25, False),
    ("facts.applied_p99_ms@500", "the same, p99 ms", 100, False),
    ("rebuild.per_s", "ODS rebuild, events/s", 30_000, True),
    (
        "views.p50_ms@1000",
        "GET the view of a customer with one order at 1,000/s while facts flow, p50 ms",
        5,
        False,
    ),
    ("views.p99_ms@1000", "the same, p99 ms", 20, False),
    ("lists.customer_p99_ms", "a customer's product orders, of 1,000,000, p99 ms", 20, False),
    ("lists.state_p99_ms", "product orders in a state, p99 ms", 20, False),
    ("lists.date_p99_ms", "product orders of a week, p99 ms", 20, False),
    ("lists.characteristic_of_one_p99_ms", "… with a characteristic that one has", 20, False),
    ("lists.characteristic_of_1000_p99_ms", "… that a thousand have", 20, False),
    ("lists.characteristic_of_third_p99_ms", "… that a third has", 20, False),
    ("lists.by_id_p99_ms", "GET productOrder by id, of 1,000,000, p99 ms", 5, False),
    ("order_flow.per_s", "orders completed per second, saturated", None, True),
    ("order_flow.floor_per_s", "the floor", None, True),
    ("growth.stored_orders", "with ten times the orders stored", None, True),
    ("growth.per_s", "… orders completed per second, saturated", None, True),
    ("growth.p50_ms@50", "… accepted → complete at 50 orders/s, p50 ms", None, False),
    ("growth.p99_ms@50", "… the same, p99 ms", None, False),
    ("growth.backlog_events", "with a backlog of so many events", None, True),
    ("growth.relay_per_s", "… relay, events/s", None, True),
    ("growth.consumer_per_s", "… consumer, events/s", None, True),
    ("order_flow.cpu_s_per_order", "services' CPU per order, seconds", None, False),
    ("order_flow.messages_per_order", "messages per order", None, False),
)
_ENVIRONMENT: Final = ("cpu", "cores", "python", "postgres", "kafka", "commit", "load_before")


def table(figures: Mapping[str, float | int | str]) -> str:
    """The figures with a bar, or worth one, as Markdown."""
    facts = ", ".join(
        f"{name.replace('_', ' ')} {figures[f'environment.{name}']}"
        for name in _ENVIRONMENT
        if f"environment.{name}" in figures
    )
    lines = [f"Seen on: {facts}.", "", "| what | seen | must | met |", "|---|---|---|---|"]
    for name, what, bar, more in _BARS:
        seen = figures.get(name)
        if not isinstance(seen, int | float):
            continue
        sign = "≥" if more else "≤"
        must = "" if bar is None else f"{sign} {bar:,}"
        met = "" if bar is None else ("yes" if (seen >= bar) == more or seen == bar else "**no**")
        lines.append(f"| {what} | {seen:,} | {must} | {met} |")
    memory = {n: v for n, v in figures.items() if n.startswith("memory_mb.")}
    if ours := [float(v) for n, v in memory.items() if n.rpartition(".")[2] in _SERVICE_NAMES]:
        most = max(ours)
        met = "yes" if most <= 200 else "**no**"
        lines.append(f"| memory of the largest service process, MB | {most} | ≤ 200 | {met} |")
    return "\n".join(lines)


_SERVICE_NAMES: Final = frozenset(
    {"customer", "order", "provisioning", "billing", "assurance", "ods", "eai"}
)
