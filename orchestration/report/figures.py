"""What a figure of the report is: rows of a mart, a question, a finding and a Vega-Lite drawing.

Belongs here: reading rows, making figures of them, and the look that all share. Not here: the
charts (charts.py), the page around them (page.py). Dates are ISO texts, dollars are US dollars,
shares are fractions of 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import duckdb

Row = dict[str, Any]


class Facts(NamedTuple):
    """What drawings know beside their rows: the end of complete data, claimed values by claim."""

    complete_to: str
    claimed: Mapping[str, float]


class Drawing(NamedTuple):
    """A chart without its rows.

    `moves` names the date column that the reader's slider chooses; the slider starts at `starts`,
    or else at the end of complete data.
    """

    question: str
    finding: str
    chart: alt.Chart | alt.LayerChart | alt.FacetChart
    moves: str = ""
    starts: str = ""


class Figure(NamedTuple):
    """A drawing with its mart, the rows that it shows, and the dates that its slider offers."""

    name: str
    question: str
    finding: str
    mart: str
    rows: list[Row]
    spec: Row
    moves: str
    dates: list[str]
    start: str


class Plan(NamedTuple):
    """How a figure comes to be: rows of a mart, and the function that draws them."""

    mart: str
    query: str
    draw: Callable[[list[Row], Facts], Drawing]


def drawn_from(mart: str, query: str) -> Callable[[Callable[[list[Row], Facts], Drawing]], Plan]:
    """Make a function that draws rows a plan; `query` may use the variable complete_to."""
    return lambda draw: Plan(mart, query, draw)


def figures(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], facts: Facts
) -> list[Figure]:
    """Draw every plan whose query finds rows; needs the connection's variable complete_to."""
    return [_figure(plan, rows, facts) for plan in plans if (rows := read(connection, plan.query))]


def read(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Return the rows that a query selects, with dates as ISO texts."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [
        {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]


def _figure(plan: Plan, rows: list[Row], facts: Facts) -> Figure:
    drawing = plan.draw(rows, facts)
    dates = sorted({row[drawing.moves] for row in rows}) if drawing.moves else []
    latest = drawing.starts or facts.complete_to
    start = max((date for date in dates if date <= latest), default="")
    chart = drawing.chart.properties(data=alt.InlineData(values=rows), width="container")
    if drawing.moves:
        chosen = alt.param(name="chosen", value=start)
        chart = chart.add_params(chosen).transform_filter(f"datum.{drawing.moves} == chosen")
    spec: Row = chart.to_dict()
    spec["config"] = LOOK
    spec["description"] = f"{drawing.question} {drawing.finding}"
    return Figure(
        name=plan.draw.__name__.replace("_", "-"),
        question=drawing.question,
        finding=drawing.finding,
        mart=plan.mart,
        rows=rows,
        spec=spec,
        moves=drawing.moves,
        dates=dates,
        start=start,
    )


_TEXT = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
LOOK: Row = {
    # Lets axes, labels and tooltips use the page's function `dollars`.
    "customFormatTypes": True,
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "mark": {"color": "var(--blue)"},
    "line": {"strokeWidth": 2},
    "text": {"color": "currentColor", "fontSize": 12},
    "rule": {"color": "currentColor"},
    "axis": {
        **_TEXT,
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--line)",
        "titleFontWeight": "normal",
        "titleFontSize": 12,
        "labelLimit": 130,
        "labelSeparation": 8,
    },
    "legend": {
        **_TEXT,
        "orient": "top",
        "columns": 2,
        "title": None,
        "labelLimit": 200,
    },
}
