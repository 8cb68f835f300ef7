"""A trace as people read it: the figure, its formula, and each source row with its cells.

Belongs here: words, order and how much is shown. Not here: what is traced (`lineage.trace`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from orchestration.lineage.trace import Cell, Source, Trace
from orchestration.report.formats import cell as formatted
from orchestration.terminal.layout import print_wrapped

_AMOUNT = 16  # columns of a figure, right-aligned, after two blanks
_WIDE = 100  # below it, what stands behind a row begins under its figure instead of its label


def show(console: Console, traces: Sequence[Trace], limit: int) -> None:
    """Print the traces of one row; at most `limit` source rows of each part, the largest first."""
    first = traces[0]
    keys = ", ".join(f"{name} {value}" for name, value in first.keys.items())
    print_wrapped(console, f"{first.table}: {keys}", style="bold")
    facts = {name: value for name, value in first.row.items() if name not in first.keys}
    texts = [f"{name} {exact(value, name)}" for name, value in facts.items() if value is not None]
    print_wrapped(console, ", ".join(texts))
    for trace in traces:
        _show_figure(console, trace, limit)


def _show_figure(console: Console, trace: Trace, limit: int) -> None:
    figure = exact(trace.value, trace.figure)
    formula = f"{trace.formula} = " if trace.formula not in (None, trace.figure) else ""
    console.print()
    print_wrapped(console, f"{trace.figure} = {formula}{figure}", style="bold")
    if trace.note:
        print_wrapped(console, trace.note)
    if not trace.sources:
        console.print("  no source row adds to it")
    groups = {source.group for source in trace.sources if source.group and not trace.formula}
    if groups:
        _show_groups(console, trace, limit)
    for part in [part for part, made in trace.parts.items() if made.rows]:
        _show_part(console, trace, part, limit)
        if trace.formula or groups:
            _print_figure(console, exact(trace.parts[part].sum, part), "sum")
    if trace.agrees is False:
        made = exact(trace.computed, trace.figure) if trace.formula else "another sum"
        print_wrapped(
            console, f"The rows above make {made}, not what the report says: please report this."
        )


def _print_figure(console: Console, figure: str, label: str) -> None:
    print_wrapped(console, f"{figure:>{_AMOUNT}}  {label}", 2, hanging=_AMOUNT + 2)


def _show_groups(console: Console, trace: Trace, limit: int) -> None:
    """Print what an index is made of: what each company, say, adds and its share of all."""
    ((part, made),) = trace.parts.items()
    sums: dict[str, float] = defaultdict(float)
    for source in trace.sources:
        sums[source.group or ""] += source.adds[part]
    console.print(f"made of {part} by share:")
    for name in sorted(sums, key=lambda name: (-sums[name], name))[:limit]:
        share = formatted(sums[name] / made.sum, "share")
        _print_figure(console, exact(sums[name], part), f"{share:>6}  {name}")
    if len(sums) > limit:
        console.print(f"  ... {len(sums) - limit:,} more (--limit shows more)")


def _show_part(console: Console, trace: Trace, part: str, limit: int) -> None:
    rows = [source for source in trace.sources if part in source.adds]
    rows.sort(key=lambda source: (-abs(source.adds[part]), source.source_row_id))
    console.print(f"{part}: {len(rows):,} source row{'' if len(rows) == 1 else 's'}")
    indent = _AMOUNT + 4 if console.width >= _WIDE else 4
    for source in rows[:limit]:
        _print_figure(console, exact(source.adds[part], part), source.label)
        for line in _lines(source):
            print_wrapped(console, line, indent, style="dim")
    if rest := rows[limit:]:
        adds = exact(sum(source.adds[part] for source in rest), part)
        _print_figure(console, adds, f"in {len(rest):,} more rows (--limit shows more)")


def _lines(source: Source) -> list[str]:
    lines = [f"{row_of(source.file, source.sheet, source.row_number)}: {_cells(source.cells)}"]
    if source.source_url:
        lines.append(f"source: {source.source_url}")
    if source.because:
        lines.append(f"because {_row_of_cells(source.because)}")
    for rate in source.rates:
        text = f"1 {rate.currency} = {rate.usd_per_unit:,.6g} USD on {rate.rate_date}"
        lines.append(f"{text}, {_row_of_cells(rate.cells)}" if rate.cells else text)
    for other in source.also:
        lines.append(f"also {other.source_row_id} ({other.part}): {_cells(other.cells)}")
    return lines


def row_of(file: str, sheet: str, row: int) -> str:
    """Return where a row stands; a file without sheets names none."""
    return f"{file}, sheet {sheet}, row {row:,}" if sheet else f"{file}, row {row:,}"


def _row_of_cells(cells: Sequence[Cell]) -> str:
    return f"{row_of(cells[0].file, cells[0].sheet, cells[0].row_number)}: {_cells(cells)}"


def _cells(cells: Sequence[Cell]) -> str:
    places = [cell.address or cell.header or "the sheet's name" for cell in cells]
    texts = (f"{c.column_name} {where} {c.text!r}" for c, where in zip(cells, places, strict=True))
    return "; ".join(texts)


def exact(value: Any, name: str) -> str:
    """Return dollars in full, counts with separators, shares in percent."""
    if isinstance(value, float) and name.endswith("_usd") and "share" not in name:
        # To the cent first: sums in another order differ behind it, and would round apart.
        return f"${round(value, 2):,.0f}"
    return formatted(value, name)
