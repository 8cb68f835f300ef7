"""How lines and tables fit a terminal: sentences wrap, columns are left out, figures never cut.

Belongs here: widths, and a count with its noun. Not here: words, and what is shown (the other
modules of this room).
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 1_000_000
_NARROWEST = 20  # of a column whose texts wrap


class Column(NamedTuple):
    """A column of a table: those with `drop` are left out of a narrow terminal, lowest first."""

    header: str
    right: bool = False
    drop: int | None = None
    wraps: bool = False


def make_console() -> Console:
    """Return the terminal; a pipe has no width: each sentence is a line there, tables are whole.

    What is printed holds cells and names of files, which may look like markup or emoji.
    """
    has_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if has_width else _UNBOUNDED
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, width=width)


def count(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 row`, `1,234 rows`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def print_wrapped(
    console: Console, text: str, indent: int = 0, *, hanging: int = 2, style: str | None = None
) -> None:
    """Print a text from `indent` on, what follows its first line `hanging` further in.

    A word that is wider than the terminal, such as a path, stays whole.
    """
    lines = textwrap.wrap(
        text,
        max(console.width, indent + hanging + 1),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    console.print("\n".join(lines), style=style)


def print_table(
    console: Console,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Text]],
    *,
    title: str = "",
    has_total: bool = False,
    is_short: bool = False,
) -> None:
    """Print a table in the columns that the terminal has room for, and name those left out.

    `has_total` sets the last row apart, `is_short` names nothing. Prints nothing where there is no
    row.
    """
    rows, shown = list(rows), list(range(len(columns)))
    if not rows:
        return

    def build(widest: int | None = None) -> Table:
        table = Table(title=title or None, box=box.SIMPLE_HEAD, show_edge=False)
        table.title_justify, table.title_style = "left", "bold"
        for n in shown:
            header, right, _, wraps = columns[n]
            table.add_column(
                header,
                justify="right" if right else "left",
                no_wrap=not wraps,
                overflow="fold",
                max_width=widest if wraps else None,
            )
        for number, row in enumerate(rows):
            is_total = has_total and number == len(rows) - 2
            table.add_row(*(row[n] for n in shown), end_section=is_total)
        return table

    def narrowest() -> int:
        options = console.options.update(max_width=_UNBOUNDED)
        return Measurement.get(console, options, build(_NARROWEST)).maximum

    droppable = [n for n in shown if columns[n].drop is not None]
    for n in sorted(droppable, key=lambda n: columns[n].drop or 0):
        if narrowest() <= console.width:
            break
        shown.remove(n)
    table = build()
    if narrowest() > console.width:  # too narrow even so: rather broken by the terminal than cut
        table.width = narrowest()
    console.print(table, soft_wrap=False, crop=False)
    left_out = [c.header.replace("\n", " ") for n, c in enumerate(columns) if n not in shown]
    if left_out and not is_short:
        print_wrapped(console, f"A wider terminal also shows: {', '.join(left_out)}.", 1)
