"""Tables for people."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table


def show_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    *,
    whole: Sequence[str] = (),
) -> None:
    """Print rows under their columns. Those in `whole` are never cut: they get copied."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, no_wrap=column in whole, overflow="fold")
    for row in rows:
        table.add_row(*(_text(row.get(column)) for column in columns))
    console = Console()
    if not console.is_terminal:
        # A pipe has no width of its own; 80 columns would fold every id.
        console = Console(width=220)
    console.print(table)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.1f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
