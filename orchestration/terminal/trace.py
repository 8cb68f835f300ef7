"""A trace as people read it: the figure, its formula, and each source row with its cells.

Belongs here: words, order and how much is shown. Not here: what is traced (`evidence`).
"""

from __future__ import annotations

from typing import Any

from rich.console import Console

from orchestration.report.formats import cell as formatted


def show(console: Console, traces: list[dict[str, Any]], limit: int) -> None:
    """Print the traces of one row; at most `limit` source rows of each part, the largest first."""
    first = traces[0]
    keys = ", ".join(f"{name} {value}" for name, value in first["keys"].items())
    console.print(f"{first['table']}: {keys}", style="bold")
    facts = {name: value for name, value in first["row"].items() if name not in first["keys"]}
    texts = [f"{name} {exact(value, name)}" for name, value in facts.items() if value is not None]
    console.print(", ".join(texts))
    for trace in traces:
        _show_figure(console, trace, limit)


def _show_figure(console: Console, trace: dict[str, Any], limit: int) -> None:
    figure, formula = trace["figure"], trace["formula"]
    shown = exact(trace["value"], figure)
    spelled = "" if formula == figure else f"{formula} = "
    console.print(f"\n{figure} = {spelled}{shown}", style="bold")
    if trace["note"]:
        console.print(trace["note"])
    if not trace["sources"]:
        console.print("  no source row adds to it")
    for part in [part for part, made in trace["parts"].items() if made["rows"]]:
        _show_part(console, trace, part, limit)
    if not trace["agrees"]:
        computed = exact(trace["computed"], figure)
        console.print(f"The rows above make {computed}, not {shown}: please report this.")


def _show_part(console: Console, trace: dict[str, Any], part: str, limit: int) -> None:
    rows = [source for source in trace["sources"] if part in source["adds"]]
    rows.sort(key=lambda source: (-abs(source["adds"][part]), source["source_row_id"]))
    console.print(f"{part}: {len(rows):,} source row{'' if len(rows) == 1 else 's'}")
    for source in rows[:limit]:
        console.print(f"  {exact(source['adds'][part], part):>16}  {source['label']}")
        for line in _lines(source):
            console.print(f"{'':20}{line}", style="dim")
    if rest := rows[limit:]:
        adds = exact(sum(source["adds"][part] for source in rest), part)
        console.print(f"  {adds:>16}  in {len(rest):,} more rows (--limit shows more)")
    console.print(f"  {exact(trace['parts'][part]['sum'], part):>16}  sum")


def _lines(source: dict[str, Any]) -> list[str]:
    lines = [_position(source) + ": " + _cells(source["cells"])]
    if source["source_url"]:
        lines.append(f"source: {source['source_url']}")
    if source["because"]:
        lines.append(f"because {_position(source['because'][0])}: {_cells(source['because'])}")
    for rate in source["rates"]:
        position = (
            _position(rate["cells"][0]) + ": " + _cells(rate["cells"]) if rate["cells"] else ""
        )
        text = f"1 {rate['currency']} = {rate['usd_per_unit']:,.6g} USD on {rate['rate_date']}"
        lines.append(f"{text}, {position}".rstrip(", "))
    for other in source["also"]:
        lines.append(f"also {other['source_row_id']} ({other['part']}): {_cells(other['cells'])}")
    return lines


def _position(row: dict[str, Any]) -> str:
    sheet = f", sheet {row['sheet']}" if row["sheet"] else ""
    return f"{row['file']}{sheet}, row {row['row_number']:,}"


def _cells(cells: list[dict[str, Any]]) -> str:
    texts = []
    for cell in cells:
        where = cell["address"] or cell["header"] or "the sheet's name"
        texts.append(f"{cell['column_name']} {where} {cell['text']!r}")
    return "; ".join(texts)


def exact(value: Any, name: str) -> str:
    """Return dollars in full, counts with separators, shares in percent."""
    if isinstance(value, float) and name.endswith("_usd") and "share" not in name:
        # To the cent first: sums in another order differ behind it, and would round apart.
        return f"${round(value, 2):,.0f}"
    return formatted(value, name)
