"""What a chart of the report is: rows of a mart, a question, a caption and a Vega-Lite drawing.

Belongs here: reading rows and joining them to their drawing. Not here: the charts (round_charts,
share_charts, model_charts), how they look (vega_style.py), the page around them (page.py). Dates
are ISO texts, dollars are US dollars, shares are fractions of 1.
"""

from __future__ import annotations

import re
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

    def claimed(self, measure: str, subject: str = "") -> list[tuple[float, str]]:
        """Return what published claims say of a measure of a subject, each value with its words."""
        of_subject = self.claims["subject_key"].fillna("") == subject
        claims = records(self.claims[of_subject & (self.claims["measure"] == measure)])
        return [(claim["claimed_value"], f"as claimed: {claimed(claim)}") for claim in claims]


class Drawing(NamedTuple):
    """A chart without its rows.

    `slider` names the date column that the reader's slider chooses; it starts at `starts`, or else
    at the last complete month. Without a question, the answer of the chart's name is its caption.
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
    """How a chart comes to be: the rows it is drawn from, and the function that draws them."""

    query: str
    draw: Callable[[pd.DataFrame, ChartContext], Drawing]


def drawn_from(
    query: str,
) -> Callable[[Callable[[pd.DataFrame, ChartContext], Drawing]], ChartPlan]:
    """Make a function that draws rows a plan; `query` may use the variables of the scope."""
    return lambda draw: ChartPlan(query, draw)


def make_chart(
    connection: duckdb.DuckDBPyConnection, plan: ChartPlan, context: ChartContext
) -> Chart | None:
    """Draw a plan; None when its query finds no rows. Needs the variables of the scope."""
    rows = read_rows(connection, plan.query)
    if rows.empty:
        return None
    drawing = plan.draw(rows, context)
    name = plan.draw.__name__
    question, caption = drawing.question, drawing.caption
    if not question:
        answer = context.answers[name]
        question, caption = answer.question, f"{answer.value} {answer.sentence} {caption}".strip()
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
        caption=caption,
        mart=re.findall(r"from (marts\.\w+)", plan.query)[0],
        rows=rows,
        spec=chart.to_dict() | {"config": LOOK, "description": f"{question} {caption}"},
        slider=drawing.slider,
        dates=dates,
        start=start,
    )
