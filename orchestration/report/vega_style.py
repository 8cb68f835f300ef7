"""How the page's charts look: Vega channels for colours, axes, marks of a month, claims.

Belongs here: how a date, a sum of dollars or a share looks in any chart. Not here: a chart.
Colours are the page's CSS variables, named after Okabe and Ito's colour-blind-safe palette, so
that a chart follows the reader's light or dark mode without being drawn again. A mark's tooltip
and what a screen reader hears of it is the text `tip` that page.js puts in each row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import altair as alt

from orchestration.report.formats import in_words

COLOURS = ("blue", "orange", "green", "purple", "vermilion", "sky")
LAYERS = {
    "model_platform": "blue",
    "mlops": "sky",
    "infrastructure": "green",
    "application": "orange",
    "unknown": "grey",
}
LAYER_WORDS = {
    "model_platform": "Model platforms",
    "mlops": "MLOps",
    "infrastructure": "Infrastructure",
    "application": "Applications",
    "unknown": "In no market map",
}
ACCESS = {
    "closed": "vermilion",
    "open": "blue",
    "mixed": "purple",
    "none": "grey",
    "unknown": "grey",
}
BANDS = ["up_to_10m", "10m_to_50m", "50m_to_100m", "100m_and_more"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [1, 4]]
_TIP = alt.Description("tip", type="nominal")
# By how long the axis is; a year or a month is never without its year.
_DATES = {
    "year": "%Y",
    "quarter": "%b %Y",
    "month": "%b %Y",
    "week": "%-d %b %Y",
    "date": "%-d %b %Y",
}


def chart(**encoding: Any) -> alt.Chart:
    """Return a chart of the rows that the page gives it."""
    encoded: alt.Chart = alt.Chart(alt.NamedData("rows")).encode(**encoding)
    return encoded


def days(column: str) -> alt.X:
    """Return a time axis in UTC: in local time, a date moves by a day west of Greenwich."""
    axis = alt.Axis(title=None, grid=False, format=_DATES, tickCount=8, labelOverlap=True)
    return alt.X(column, type="temporal").scale(type="utc").axis(axis)


def money(title: str | None = None, **axis: Any) -> alt.Axis:
    """Return an axis of dollars."""
    return alt.Axis(formatType="dollars", format="", title=title, **axis)


def count(title: str) -> alt.Axis:
    """Return an axis of whole numbers."""
    return alt.Axis(title=title, tickCount=5, tickMinStep=1)


def share(title: str | None = None) -> alt.Axis:
    """Return an axis of fractions, printed as percentages."""
    return alt.Axis(format="%", title=title, tickCount=5)


def words_of(names: Iterable[str], words: Mapping[str, str]) -> str:
    """Return an expression that prints a value in words: those given, or its own."""
    said = {name: words.get(name, in_words(name)) for name in names}
    return f"({json.dumps(said)})[datum.label]"


def legend(names: Iterable[str], words: Mapping[str, str], **how: Any) -> alt.Legend:
    """Return a legend that prints values in words: those given, or their own."""
    return alt.Legend(labelExpr=words_of(names, words), **how)


def coloured(
    column: str, colours: Mapping[str, str], legend: alt.Legend | None = None
) -> alt.Color:
    """Return the colours of a column's values, with a legend if one is given."""
    ranges = [f"var(--{colour})" for colour in colours.values()]
    colour = alt.Color(column, type="nominal", legend=legend)
    return colour.scale(domain=list(colours), range=ranges)


def outlined(column: str, colours: Mapping[str, str]) -> alt.Stroke:
    """Return the same colours for a mark's outline, which is seen where its inside is pale."""
    ranges = [f"var(--{colour})" for colour in colours.values()]
    return alt.Stroke(column, type="nominal", legend=None).scale(domain=list(colours), range=ranges)


def pale_if(test: str) -> Any:
    """Return a channel that takes the colour from inside a mark: what is stale or partial."""
    return alt.condition(test, alt.value(0.25), alt.value(1))


def shaped(column: str, names: Iterable[str], legend: alt.Legend | None = None) -> alt.Shape:
    """Return a shape for each value of a column, beside its colour."""
    return alt.Shape(column, type="nominal", legend=legend).scale(domain=list(names))


def dashed(column: str, names: Iterable[str], legend: alt.Legend | None = None) -> alt.StrokeDash:
    """Return a dash pattern for each of up to six values of a column, the first of them solid."""
    return alt.StrokeDash(column, type="nominal", legend=legend).scale(
        domain=list(names), range=DASHES
    )


def present(names: Mapping[str, str], values: Iterable[object]) -> dict[str, str]:
    """Return the names that are among values, in their order: a legend lists nothing else."""
    found = set(values)
    return {name: colour for name, colour in names.items() if name in found}


def categories(column: str, order: str, limit: int = 170, **axis: Any) -> alt.Y:
    """Return an axis of names, ordered by the least value of a column."""
    return alt.Y(column, type="nominal", axis=alt.Axis(title=None, labelLimit=limit, **axis)).sort(
        field=order, op="min"
    )


def points(base: alt.Chart, size: int = 60, **look: Any) -> alt.Chart:
    """Draw a point a row, with its tooltip."""
    drawn: alt.Chart = base.mark_point(filled=True, size=size, **look).encode(description=_TIP)
    return drawn


def bars(base: alt.Chart, **look: Any) -> alt.Chart:
    """Draw a bar a row, with its tooltip."""
    drawn: alt.Chart = base.mark_bar(**look).encode(description=_TIP)
    return drawn


def labels(base: alt.Chart, text: alt.Text, **how: Any) -> list[alt.Chart]:
    """Write a text a row, readable on whatever is drawn below it."""
    written = base.encode(text=text)
    halo = {"stroke": "var(--paper)", "strokeWidth": 4, "strokeJoin": "round"}
    return [written.mark_text(aria=False, **how, **look) for look in (halo, {})]


def jumps(y: alt.Y, company: str, amount: str, **how: Any) -> list[alt.Chart]:
    """Write beside the months of a jump whose round it is."""
    at = chart(x=days("as_of_month"), y=y)
    told = (
        at.transform_joinaggregate(first="min(as_of_month)", last="max(as_of_month)")
        .transform_filter(f"datum.{company} != null")
        .transform_calculate(
            jump=f"datum.{company} + ' ' + dollars(datum.{amount})",
            along="(datum.as_of_month - datum.first) / (datum.last - datum.first)",
        )
    )
    early, late = (told.transform_filter(f"datum.along {test} 0.25") for test in ("<", ">="))
    return [
        *labels(early, alt.Text("jump:N"), align="left", dx=14, **how),
        *labels(late, alt.Text("jump:N"), align="right", dx=-14, **how),
    ]


def bands(column: str) -> alt.Chart:
    """Put an unseen band over each date of lines or areas, which have no tooltip of their own."""
    band: alt.Chart = chart(x=days(column), description=_TIP).mark_rule(strokeWidth=9, opacity=0)
    return band


def month_rule() -> alt.Chart:
    """Draw a line at the month of the page, which the title speaks of."""
    rule: alt.Chart = (
        chart(x=days("as_of_month"))
        .transform_filter("datum.as_of_month == month")
        .mark_rule(strokeDash=[3, 3], opacity=0.7, aria=False)
    )
    return rule


def ranges(
    base: alt.Chart, low: str, high: str, axis: alt.Axis, **ends: Any
) -> alt.LayerChart | alt.FacetChart:
    """Draw a line an entity between two columns, on a logarithmic axis, with a point at both ends.

    `ends` are further channels of the points; there, `end` is the column that an end is of.
    """
    domain = ends.pop("domain", alt.Undefined)
    x = alt.X(low, type="quantitative", axis=axis).scale(type="log", domain=domain)
    span = base.mark_rule(strokeWidth=4, color="var(--grey)", aria=False).encode(x=x, x2=high)
    both = base.transform_fold([low, high], as_=["end", "at"]).encode(x=alt.X("at:Q"), **ends)
    drawn = alt.layer(span, points(both, 90, opacity=1))
    drawn["height"] = alt.Step(24)
    return drawn


def reference_lines(
    lines: Sequence[tuple[float, str]], title: str, channel: str = "y", along: float = 0
) -> list[alt.Chart]:
    """Draw a dashed line across the chart at each value, with its meaning beside it.

    `title` is that of the axis, which layers share only where they give the same; `along` is where
    on a line its meaning begins, as a fraction.
    """
    drawn: list[alt.Chart] = []
    for position, (value, text) in enumerate(sorted(lines)):
        base = alt.Chart(alt.InlineData(values=[{"at": value, "text": text}]))
        at = alt.X("at:Q", title=title) if channel == "x" else alt.Y("at:Q", title=title)
        drawn.append(base.encode(at).mark_rule(strokeDash=[4, 3], aria=False))
        if channel == "x":
            # Above the bars, one over the other, and towards the middle of a share's axis.
            align: Literal["left", "right"] = "right" if value >= 1 / 2 else "left"
            label = base.encode(at, y=alt.value(-8 - 15 * position))
            drawn.extend(labels(label, alt.Text("text:N"), align=align))
        else:
            label = base.encode(at, x=alt.value(alt.expr(f"{along} * width + 4")))
            drawn.extend(labels(label, alt.Text("text:N"), align="left", dy=-9))
    return drawn


_TEXT = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
LOOK: dict[str, Any] = {
    # Lets axes and labels use the page's function `dollars`.
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
        "labelLimit": 170,
        "labelSeparation": 8,
    },
    # Above the axis, where it is read without turning one's head.
    "axisY": {"titleAngle": 0, "titleAlign": "left", "titleX": 0, "titleY": -14},
    "legend": {
        **_TEXT,
        "orient": "top",
        "columns": 4,
        "offset": 32,
        "title": None,
        "labelLimit": 260,
    },
}
