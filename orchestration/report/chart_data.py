"""What a chart of the page is: a data set, a finding, a question, a caption and a drawing.

Belongs here: joining them, and compiling the drawing to Vega. Not here: the charts (round_charts,
share_charts, model_charts), how they look (vega_style.py), the page around them (page.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd
import vl_convert
from altair.utils.schemapi import debug_mode

from orchestration.report.answers import Answer
from orchestration.report.data_sets import DataSet
from orchestration.report.formats import claimed, is_whole, records, sentence
from orchestration.report.scope import Scope
from orchestration.report.vega_style import LOOK

_VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


class ChartContext(NamedTuple):
    """What drawings know beside their rows: the scope of the headlines, the answers, the claims."""

    scope: Scope
    answers: Mapping[str, Answer]
    claims: pd.DataFrame
    data_sets: Mapping[str, DataSet]

    @property
    def state(self) -> dict[str, str]:
        """What the page shows when it is opened, by the columns that choose it."""
        month = self.scope.month
        quarter = pd.Period(month, "Q")
        if quarter.end_time.date() > month:
            quarter -= 1
        return {
            "universe": self.scope.universe,
            "as_of_month": str(month),
            "quarter_start": str(quarter.start_time.date()),
        }

    def claimed(
        self, measure: str, subject: str = "", universe: str | None = None
    ) -> list[tuple[float, str]]:
        """Return what was claimed of a measure of a subject, each value with its words.

        Of one universe where it is named, and never of a time after the month that is shown.
        """
        claims = self.claims[self.claims["measure"] == measure]
        claims = claims[claims["subject_key"].fillna("") == subject]
        claims = claims[~(claims["as_of"] > str(self.scope.month))]
        found = records(claims if universe is None else claims[claims["universe"] == universe])
        return [
            (claim["claimed_value"], f"{claimed(claim)}: {str(claim['who']).split(',')[0]}")
            for claim in found
        ]


class Drawing(NamedTuple):
    """A chart without its rows, and its words.

    `shows` names the columns of the page's state that choose its rows, `speaks_of` those that
    choose the row (of the data set `told_by`) whose columns fill the words. `choice` is a column
    of which the reader chooses a value, `only` one that is true of the rows that are drawn.
    """

    chart: alt.Chart | alt.LayerChart | alt.FacetChart
    question: str
    finding: str
    caption: str
    shows: Sequence[str] = ()
    speaks_of: Sequence[str] = ()
    told_by: str = ""
    choice: str = ""
    only: str = ""
    mart: str = ""  # if not that of the data set


class Chart(NamedTuple):
    """A drawing with its name and its data set; its words are as the page is opened."""

    name: str
    data: DataSet
    drawing: Drawing
    finding: str
    caption: str
    rows: pd.DataFrame
    spec: dict[str, Any]  # Vega, without what all charts share

    @property
    def mart(self) -> str:
        """The mart whose cells it shows."""
        return self.drawing.mart or self.data.mart

    @property
    def tells(self) -> list[str]:
        """The columns that a mark tells of: those that the drawing and its title use."""
        return self._used(self.drawing.finding)

    @property
    def columns(self) -> list[str] | None:
        """The columns of its table: of the wide data set that charts share, those that it uses."""
        if self.data.name != "headlines":
            return None
        return self._used(
            f"{{universe}} {{as_of_month}} {self.drawing.finding} {self.drawing.caption}"
        )

    def _used(self, words: str) -> list[str]:
        """Return the columns that a template has or the drawing names."""
        told = set(re.findall(r"\{(\w+)\}", words)) | set(re.findall(r"\w+", json.dumps(self.spec)))
        return [str(column) for column in self.data.rows if column in told]

    @property
    def told_by(self) -> str:
        """The data set whose row fills the words."""
        return self.drawing.told_by or self.data.name


class ChartPlan(NamedTuple):
    """How a chart comes to be: its data set, and the function that draws it."""

    data: str
    draw: Callable[[pd.DataFrame, ChartContext], Drawing | None]


def drawn_from(
    data: str,
) -> Callable[[Callable[[pd.DataFrame, ChartContext], Drawing | None]], ChartPlan]:
    """Make a function that draws the rows of a data set a plan."""
    return lambda draw: ChartPlan(data, draw)


def make_chart(plan: ChartPlan, context: ChartContext) -> Chart | None:
    """Draw a plan; None where there is nothing to draw or to tell."""
    data = context.data_sets.get(plan.data)
    if not data:
        return None
    # A test checks that each drawing is valid: doing it again is an eighth of making the page.
    with debug_mode(False):
        drawing = plan.draw(data.rows, context)
    if not drawing:
        return None
    told_by = context.data_sets[drawing.told_by] if drawing.told_by else data
    spoken_of = told_by.at({key: context.state[key] for key in drawing.speaks_of})
    rows = data.at({key: context.state[key] for key in drawing.shows})
    if drawing.only:
        rows = rows[rows[drawing.only]]
    if rows.empty or spoken_of.empty:
        return None
    (told,) = records(spoken_of.head(1))
    row = context.scope.words | told | {"universe": context.scope.title}
    return Chart(
        name=plan.draw.__name__.replace("_", "-"),
        data=data,
        drawing=drawing,
        finding=sentence(drawing.finding, row) if is_whole(drawing.finding, row) else "",
        caption=sentence(drawing.caption, row),
        rows=rows,
        spec=_compile(drawing.chart),
    )


def start_compiler() -> None:
    """Start what compiles drawings: the first one takes half a second longer."""
    vl_convert.vegalite_to_vega({"mark": "point"}, vl_version=_VEGA_LITE)


def _compile(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> dict[str, Any]:
    """Return a drawing as Vega: a browser that needn't compile draws it several times as fast."""
    spec = chart.to_dict(validate=False)
    # Altair would copy the chart for each of these.
    params = [*spec.get("params", ()), {"name": "month", "value": 0}]
    look = {"config": LOOK, "autosize": {"type": "fit-x", "contains": "padding"}}
    spec |= {"params": params, "width": "container", **look}
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(spec, vl_version=_VEGA_LITE)
    # The page says how wide a chart is: where it is drawn there is no container to ask.
    signals = [signal for signal in compiled["signals"] if signal["name"] != "width"]
    return compiled | {"signals": signals}


def split_shared(charts: Sequence[Chart]) -> tuple[dict[str, Any], list[Chart]]:
    """Return what all charts' specifications have in common, and the charts without it."""
    specs = [chart.spec for chart in charts]
    common = {
        key: value
        for key, value in specs[0].items()
        if all(spec.get(key) == value for spec in specs)
    }
    return common, [
        chart._replace(spec={k: v for k, v in chart.spec.items() if k not in common})
        for chart in charts
    ]
