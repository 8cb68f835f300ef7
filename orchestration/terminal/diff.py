"""A comparison as people read it: cells first, then tables, then the figures they moved.

Belongs here: words, order and how much is shown. Not here: what is compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console

from orchestration.lineage.diff import Diff
from orchestration.report.formats import in_unit
from orchestration.terminal.layout import print_wrapped
from orchestration.terminal.trace import exact, row_of

_NOT_COMPARED = "Not compared: one of the versions was built by another version of this program."


def show(console: Console, diff: Diff, limit: int) -> None:
    """Print a comparison; at most `limit` lines of each sort."""

    def print_lines(title: str, lines: Iterable[str], nothing: str = "") -> None:
        lines = list(lines)
        if lines or nothing:
            console.print(f"\n{title}", style="bold")
            for line in lines[:limit] or [nothing]:
                for part in line.split("\n"):
                    text = part.lstrip()
                    print_wrapped(console, text, 2 + len(part) - len(text), hanging=4)
            if len(lines) > limit:
                console.print(f"  ... {len(lines) - limit:,} more (--limit shows more)")

    console.print(f"{diff.old}\n-> {diff.new}")
    print_lines("Files", _files(diff))
    print_lines("Columns", map(_column, diff.columns))
    print_lines("Cells that changed", map(cell, diff.cells), "No cell of a record changed.")
    print_lines("Lines added", map(_line, diff.lines_added))
    print_lines("Lines removed", map(_line, diff.lines_removed))
    print_lines("Tables", map(_table, diff.tables), "No table changed.")
    print_lines("Claims", map(_claim, diff.claims))
    none = "None moved." if diff.figures_compared else _NOT_COMPARED
    print_lines("Headline figures that moved", map(_figure, diff.headline), none)
    most = [_figure(figure) + _rows_moved(figure) for figure in diff.figures]
    print_lines("Figures that moved, in the row that moved most", most, none)
    figures = (*diff.headline, *diff.figures)
    movers = {m["source_row_id"]: m for figure in reversed(figures) for m in figure["moved_by"]}
    ranked = sorted(movers.values(), key=lambda mover: str(mover["label"]))
    # A share of the whole moves with every row of it: those whose own cells changed say why.
    changed = [mover for mover in ranked if mover["cells"]]
    print_lines("Source rows that moved them", map(_mover, changed or ranked))


def cell(changed: dict[str, Any]) -> str:
    """Return a changed cell in one line: where it is, what it said and says."""
    sheet = f", sheet {changed['sheet']}" if changed["sheet"] else ""
    row = f"row {changed['row_number']:,}"
    if changed["old_row_number"] != changed["row_number"]:
        row += f" (row {changed['old_row_number']:,} before)"
    where = f"cell {changed['address']}, " if changed["address"] else ""
    header = f" ({changed['header']})" if changed["header"] else ""
    texts = ["empty" if changed[side] is None else repr(changed[side]) for side in ("old", "new")]
    return f"{changed['file']}{sheet}, {where}{row}{header}: {' -> '.join(texts)}"


def _files(diff: Diff) -> list[str]:
    whats = ("added", "removed", "changed")
    return [f"{what}: {file}" for what in whats for file in getattr(diff, f"files_{what}")]


def _column(column: dict[str, Any]) -> str:
    texts = [
        f"{side['column'] or 'no column'} {side['header']!r}" if side["header"] else "nothing"
        for side in (column["old"], column["new"])
    ]
    sheet = f", sheet {column['sheet']}" if column["sheet"] else ""
    name, address = column["column_name"], column["address"]
    return f"{column['file']}{sheet}, header {address}: {name} was {texts[0]}, is {texts[1]}"


def _line(line: dict[str, Any]) -> str:
    texts = "; ".join(f"{header} {text!r}" for header, text in line["cells"].items())
    return f"{row_of(line['file'], line['sheet'], line['row_number'])}: {texts}"


def _table(table: dict[str, Any]) -> str:
    if "table_is" in table:
        return f"{table['table']} was {table['table_is']}"
    counts = [f"{table[what]:,} rows {what}" for what in ("added", "removed", "changed")]
    return f"{table['table']}: {', '.join(counts)}"


def _claim(claim: dict[str, Any]) -> str:
    values = [in_unit(claim[side], claim["unit"]) for side in ("old_value", "new_value")]
    verdicts = dict.fromkeys((claim["old_verdict"], claim["new_verdict"]))
    return f"{claim['claim_id']}: {' -> '.join(values)}, {' -> '.join(verdicts)}"


def _figure(moved: dict[str, Any]) -> str:
    keys = ", ".join(f"{value}" for value in moved["keys"].values())
    values = [exact(moved[side], moved["figure"]) for side in ("old", "new")]
    if values[0] == values[1]:
        values = [repr(moved[side]) for side in ("old", "new")]
    return f"{moved['table']}.{moved['figure']} of {keys}: {' -> '.join(values)}"


def _rows_moved(moved: dict[str, Any]) -> str:
    return f" ({moved['rows_moved']:,} rows moved)" if moved["rows_moved"] > 1 else ""


def _mover(mover: dict[str, Any]) -> str:
    part, adds = next(iter(mover["adds"].items()))
    values = " -> ".join(exact(adds[side], part) for side in ("old", "new"))
    causes = "".join(f"\n      {_cause(cause)}" for cause in mover["cells"])
    return f"{mover['label']}: {part} {values}{causes}"


def _cause(cause: dict[str, Any]) -> str:
    return f"line {cause['line_is']}: {_line(cause)}" if "line_is" in cause else cell(cause)
