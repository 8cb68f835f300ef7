"""How the report's charts look: Vega channels for colours, axes, tooltips, reference lines.

Belongs here: how a date, a sum of dollars or a share looks in any chart. Not here: a chart.
Colours are the page's CSS variables, named after Okabe and Ito's colour-blind-safe palette, so
that a chart follows the reader's light or dark mode without being drawn again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Literal

import altair as alt

from orchestration.report.formats import header

LAYERS = {
    "model_platform": "blue",
    "mlops": "sky",
    "infrastructure": "green",
    "application": "orange",
    "unknown": "grey",
}
ACCESS = {
    "closed": ("vermilion", "circle"),
    "open": ("blue", "square"),
    "mixed": ("purple", "diamond"),
    "none": ("grey", "triangle-up"),
    "unknown": ("grey", "cross"),
}
BANDS = ["up_to_10m", "10m_to_50m", "50m_to_100m", "50m_and_more", "100m_and_more"]
# Universes whose share of models and MLOps is compared by founding year.
UNIVERSES = {
    "genai": "blue",
    "genai_2013_without_infrastructure": "green",
    "without_largest_round": "vermilion",
    "genai_core": "orange",
    "mega_rounds": "purple",
    "cited_only": "sky",
}
# Codes are printed in words: model_platform, 10m_to_50m.
IN_WORDS = "replace(datum.label, /_/g, ' ')"
_DECIMAL = ("average_round", "companies", "gini", "hhi", "multiple", "ratio", "to_milestone", "30d")
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [1, 4]]
WORDS = alt.Legend(labelExpr=IN_WORDS)
STROKES = alt.Legend(labelExpr=IN_WORDS, symbolType="stroke")
COLOURS = ("blue", "orange", "green", "purple", "vermilion", "sky")
YOUNGER_OR_ALL = {"genai_2013": "blue", "genai": "orange"}


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


def coloured(column: str, colours: dict[str, str], legend: alt.Legend = WORDS) -> alt.Color:
    """Return the colours of a column's values, with a legend."""
    ranges = [f"var(--{colour})" for colour in colours.values()]
    colour = alt.Color(column, type="nominal", legend=legend)
    return colour.scale(domain=list(colours), range=ranges)


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


def reference_line(
    axis: Literal["x", "y"], lines: Sequence[tuple[str | float, str]]
) -> alt.LayerChart | alt.FacetChart:
    """Draw a dashed line across the chart at each place, with its meaning beside it."""
    values = [{"at": at, "text": text} for at, text in lines]
    chart = alt.Chart(alt.InlineData(values=values))
    if axis == "x":
        line = chart.encode(x=days("at"))
        words = line.mark_text(align="right", dx=-5).encode(y=alt.value(8), text="text:N")
    else:
        line = chart.encode(y=alt.Y("at:Q", title=None))
        words = line.mark_text(align="left", dy=9).encode(x=alt.value(4), text="text:N")
    return alt.layer(line.mark_rule(strokeDash=[4, 3]), words)


def partial(complete_to: str, until: str) -> alt.Chart:
    """Shade the time after the last complete month."""
    values = [{"from": complete_to, "to": until}] if until > complete_to else []
    shade: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_rect(color="currentColor", opacity=0.08)
        .encode(x=days("from"), x2="to:T")
    )
    return shade


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
    "legend": {
        **_TEXT,
        "orient": "top",
        "columns": 2,
        "title": None,
        "labelLimit": 200,
    },
}
