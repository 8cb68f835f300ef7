"""How the report's charts look: Vega channels for colours, axes, tooltips, reference lines.

Belongs here: how a date, a sum of dollars or a share looks in any chart. Not here: a chart.
Colours are the page's CSS variables, named after Okabe and Ito's colour-blind-safe palette, so
that a chart follows the reader's light or dark mode without being drawn again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from orchestration.report.formats import header

COLOURS = ("blue", "orange", "green", "purple", "vermilion", "sky")
LAYERS = {
    "model_platform": "blue",
    "mlops": "sky",
    "infrastructure": "green",
    "application": "orange",
    "unknown": "grey",
}
ACCESS = {
    "closed": "vermilion",
    "open": "blue",
    "mixed": "purple",
    "none": "grey",
    "unknown": "grey",
}
BANDS = ["up_to_10m", "10m_to_50m", "50m_to_100m", "50m_and_more", "100m_and_more"]
# Codes are printed in words: model_platform, 10m_to_50m.
IN_WORDS = "replace(datum.label, /_/g, ' ')"
WORDS = alt.Legend(labelExpr=IN_WORDS)
STROKES = alt.Legend(labelExpr=IN_WORDS, symbolType="stroke")
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [1, 4]]
_DECIMAL = ("average_round", "companies", "gini", "hhi", "multiple", "ratio", "to_milestone", "30d")


def days(column: str, form: str = "%Y", step: Literal["month", "year"] = "year") -> alt.X:
    """Return a time axis in UTC: in local time, a date moves by a day west of Greenwich."""
    axis = alt.Axis(title=None, grid=False, format=form, tickCount=step)
    return alt.X(column, type="temporal").scale(type="utc").axis(axis)


def money(**axis: Any) -> alt.Axis:
    """Return an axis of dollars."""
    return alt.Axis(formatType="dollars", format="", title=None, **axis)


def share(title: str | None = None) -> alt.Axis:
    """Return an axis of fractions, printed as percentages."""
    return alt.Axis(format="%", title=title, tickCount=5)


def coloured(
    column: str, colours: Mapping[str, str], legend: alt.Legend | None = WORDS
) -> alt.Color:
    """Return the colours of a column's values, with a legend."""
    ranges = [f"var(--{colour})" for colour in colours.values()]
    colour = alt.Color(column, type="nominal", legend=legend)
    return colour.scale(domain=list(colours), range=ranges)


def shaped(column: str, names: Iterable[str], legend: alt.Legend = WORDS) -> alt.Shape:
    """Return a shape for each value of a column, beside its colour."""
    return alt.Shape(column, type="nominal", legend=legend).scale(domain=list(names))


def dashed(column: str, names: Iterable[str], legend: alt.Legend = STROKES) -> alt.StrokeDash:
    """Return a dash pattern for each of up to six values of a column, the first of them solid."""
    return alt.StrokeDash(column, type="nominal", legend=legend).scale(
        domain=list(names), range=DASHES
    )


def tips(columns: Iterable[Hashable]) -> list[alt.Tooltip]:
    """Format each column by what its name says that it holds."""
    tips = []
    for column in map(str, columns):
        form: dict[str, Any] = {"type": "nominal"}
        if "share" in column or column == "score_ratio":
            form = {"type": "quantitative", "format": ".1%"}
        elif column.endswith("_usd"):
            form = {"type": "quantitative", "formatType": "dollars", "format": ""}
        elif column.endswith(("_on", "_start")) or column == "as_of_month":
            form = {"type": "temporal", "timeUnit": "utcyearmonthdate", "format": "%Y-%m-%d"}
        elif column.endswith(_DECIMAL):
            form = {"type": "quantitative", "format": ",.2~f"}
        tips.append(alt.Tooltip(column, title=header(column), **form))
    return tips


def hover(chart: alt.Chart, columns: Iterable[Hashable], opacity: float = 0) -> alt.Chart:
    """Put a point on each row of a line or an area, whose own tooltip only knows its first row."""
    size = 45 if opacity else 150
    points: alt.Chart = chart.mark_point(filled=True, size=size, opacity=opacity).encode(
        tooltip=tips(columns)
    )
    return points


def layer_stack() -> alt.Chart:
    """Return a chart that stacks layers in their order, each in its colour."""
    position = f"indexof({list(LAYERS)}, datum.layer)"
    stack = alt.Chart().transform_calculate(position=position)
    coloured_stack: alt.Chart = stack.encode(color=coloured("layer", LAYERS), order="position:O")
    return coloured_stack


def entities(column: str, order: str, rows: pd.DataFrame) -> alt.Chart:
    """Return a chart with a line of its own for each value of a column, by its least `order`."""
    names = alt.Y(column, type="nominal", title=None).sort(field=order, op="min")
    chart: alt.Chart = alt.Chart().encode(y=names, tooltip=tips(rows))
    return chart


def ranges(
    base: alt.Chart, low: str, high: str, axis: alt.Axis, **points: Any
) -> alt.LayerChart | alt.FacetChart:
    """Draw a line an entity between two columns, on a logarithmic axis, with a point at both ends.

    `points` are further channels of the points; there, `end` is the column that an end is of.
    """
    span = base.mark_rule(strokeWidth=4, color="var(--grey)").encode(
        x=alt.X(low, type="quantitative", axis=axis).scale(type="log"), x2=high
    )
    ends = base.transform_fold([low, high], as_=["end", "at"]).encode(x=alt.X("at:Q"), **points)
    chart = alt.layer(span, ends.mark_point(filled=True, size=90, opacity=1))
    chart["height"] = alt.Step(24)
    return chart


def universe_lines(base: alt.Chart, columns: Iterable[Hashable], headline: str) -> list[alt.Chart]:
    """Draw a grey line a universe, and over them that of the headlines in blue."""
    lines = base.encode(
        detail="universe_title:N",
        color=alt.condition(
            alt.datum.universe_title == headline, alt.value("var(--blue)"), alt.value("var(--grey)")
        ),
        size=alt.condition(alt.datum.universe_title == headline, alt.value(3), alt.value(1)),
    )
    return [lines.mark_line(), hover(base, columns)]


def reference_lines(lines: Sequence[tuple[float, str]]) -> list[alt.Chart]:
    """Draw a dashed line across the chart at each value, with its meaning beside it."""
    if not lines:
        return []  # without a value, Vega would warn of an axis without an end
    values = [{"at": at, "text": text} for at, text in lines]
    line = alt.Chart(alt.InlineData(values=values)).encode(y=alt.Y("at:Q", title=None))
    words = line.mark_text(align="left", dy=9).encode(x=alt.value(4), text="text:N")
    return [line.mark_rule(strokeDash=[4, 3]), words]


_TEXT = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
LOOK: dict[str, Any] = {
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
    "legend": {**_TEXT, "orient": "top", "columns": 2, "title": None, "labelLimit": 200},
}
