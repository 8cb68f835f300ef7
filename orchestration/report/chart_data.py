"""What a chart of the report is: rows of a mart, a question, a caption and a Vega-Lite drawing.

Belongs here: reading rows and joining them to their drawing. Not here: the charts (round_charts,
share_charts, model_charts), how they look (vega_style.py), the page around them (page.py). Dates
are ISO texts, dollars are US dollars, shares are fractions of 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import altair as alt
import duckdb
import pandas as pd

from orchestration.report.answers import Answer
from orchestration.report.formats import claimed, records
from orchestration.report.scope import Scope, read_rows
from orchestration.report.vega_style import LOOK


class ChartContext(NamedTuple):
    """What drawings know beside their rows: the scope of the headlines, the answers, the claims."""

    scope: Scope
    answers: Mapping[str, Answer]
    claims: pd.DataFrame

    @property
    def month(self) -> str:
        """The last complete month, as rows write it."""
        return str(self.scope.month)

    @property
    def partial_note(self) -> str:
        """What the shade over incomplete months means; nothing where there are none."""
        is_partial = self.scope.month < self.scope.latest_month
        return "Shaded: only a part of the rounds is in the data." if is_partial else ""

    def claimed(self, measure: str) -> list[tuple[str | float, str]]:
        """Return what published claims say of a measure, each value with its words."""
        claims = records(self.claims[self.claims["measure"] == measure])
        return [(claim["claimed_value"], f"as claimed: {claimed(claim)}") for claim in claims]


class Drawing(NamedTuple):
    """A chart without its rows.

    `slider` names the date column that the reader's slider chooses; it starts at `starts`, or else
    at the last complete month. Without a question, the answer of the chart's name says it all.
    """

    chart: alt.Chart | alt.LayerChart | alt.FacetChart
    caption: str = ""
    question: str = ""
    slider: str = ""
    starts: str = ""


class Chart(NamedTuple):
    """A drawing with its mart, the rows that it shows, and the dates that its slider offers."""

    name: str
    question: str
    caption: str
    mart: str
    rows: pd.DataFrame
    spec: dict[str, Any]  # Vega-Lite
    slider: str
    dates: list[str]
    start: str


class ChartPlan(NamedTuple):
    """How a chart comes to be: rows of a mart, and the function that draws them."""

    mart: str
    query: str
    draw: Callable[[pd.DataFrame, ChartContext], Drawing]


def drawn_from(
    mart: str, query: str
) -> Callable[[Callable[[pd.DataFrame, ChartContext], Drawing]], ChartPlan]:
    """Make a function that draws rows a plan; `query` may use the variables of the scope."""
    return lambda draw: ChartPlan(mart, query, draw)


def make_chart(
    connection: duckdb.DuckDBPyConnection, plan: ChartPlan, context: ChartContext
) -> Chart | None:
    """Draw a plan; None when its query finds no rows. Needs the variables of the scope."""
    rows = read_rows(connection, plan.query)
    if rows.empty:
        return None
    drawing = plan.draw(rows, context)
    name = plan.draw.__name__
    answer = context.answers.get(name)
    question = drawing.question or (answer.question if answer else "")
    caption = f"{answer.value} {answer.sentence} {drawing.caption}" if answer else drawing.caption
    dates = sorted(set(rows[drawing.slider])) if drawing.slider else []
    latest = drawing.starts or context.month
    start = max((date for date in dates if date <= latest), default="")
    chart = drawing.chart.properties(data=alt.InlineData(values=records(rows)), width="container")
    if drawing.slider:
        chosen = alt.param(name="chosen", value=start)
        chart = chart.add_params(chosen).transform_filter(f"datum.{drawing.slider} == chosen")
    return Chart(
        name=name.replace("_", "-"),
        question=question,
        caption=caption.strip(),
        mart=plan.mart,
        rows=rows,
        spec=chart.to_dict() | {"config": LOOK, "description": f"{question} {caption}".strip()},
        slider=drawing.slider,
        dates=dates,
        start=start,
    )
