"""The thesis asked again: the article's figures in its month and in the last complete month since.

Belongs here: which universe is asked, the words, and which charts are drawn again. Not here:
arithmetic (audit.thesis_then_and_now holds every figure) and the charts themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import pandas as pd

from orchestration.report import share_charts
from orchestration.report.answers import find_answers
from orchestration.report.chart_data import Chart, ChartContext, make_chart
from orchestration.report.formats import cell, records
from orchestration.report.scope import Scope, point_at, read_rows

_CHARTS = (share_charts.layer_share_then_and_now, share_charts.concentration)
_WIDEST_FIRST = """
select shares.universe, universes.title, shares.now_month
from audit.thesis_then_and_now as shares
inner join marts.dim_universes as universes using (universe)
group by all
order by bool_or(universes.is_headline) desc, shares.now_month desc, shares.universe
limit 1
"""
_FIGURES = """
select case measure
        when 'model_layer_share' then 'Share of model platforms in all equity'
        when 'model_and_mlops_share' then 'Share of model platforms and MLOps in it'
        when 'top_1_share' then 'Share of the largest company in the model layer'
        when 'top_3_share' then 'Share of its largest three'
        when 'hhi' then 'Concentration of the model layer (HHI)'
        when 'closed_share' then 'Share of the model layer with closed models'
        when 'open_share' then 'Share of the model layer with open models'
    end as question,
    case
        when change_in_value > 0 then 'higher'
        when change_in_value < 0 then 'lower'
        else 'the same'
    end as answer,
    measure, then_value, now_value
from audit.thesis_then_and_now
where universe = getvariable('universe')
order by list_position(
    ['model_layer_share', 'model_and_mlops_share', 'top_1_share', 'top_3_share', 'hhi',
     'closed_share', 'open_share'], measure
)
"""


class Finding(NamedTuple):
    """A figure of the thesis, whether it is higher or lower than then, and both values."""

    question: str
    answer: str
    then: str
    now: str
    cell: str


class Thesis(NamedTuple):
    """The thesis asked again, in the universe and for the month that it is asked of."""

    scope: Scope
    then_month: dt.date
    findings: Sequence[Finding]
    charts: Sequence[Chart]


def ask_again(
    connection: duckdb.DuckDBPyConnection, scope: Scope, claims: pd.DataFrame
) -> Thesis | None:
    """Return what became of the thesis; None where no universe is complete at both months.

    The headline's universe is asked if it can be, else the one that is complete for longest. Sets
    the variables that queries read and leaves them at the headline's scope.
    """
    found = connection.execute(_WIDEST_FIRST).fetchone()
    if not found:
        return None
    universe, title, month = found
    later = scope._replace(universe=universe, title=title, month=month, layer="model_platform")
    point_at(connection, later)
    context = ChartContext(later, find_answers(connection, later), claims)
    drawn = [make_chart(connection, plan, context) for plan in _CHARTS]
    findings = [
        Finding(
            row["question"],
            row["answer"],
            cell(row["then_value"], row["measure"]),
            cell(row["now_value"], row["measure"]),
            f"audit.thesis_then_and_now.change_in_value, {universe}, {row['measure']}",
        )
        for row in records(read_rows(connection, _FIGURES))
    ]
    then_month = connection.execute(
        "select max(then_month) from audit.thesis_then_and_now"
    ).fetchall()[0][0]
    point_at(connection, scope)
    charts = [chart._replace(name=f"thesis-{chart.name}") for chart in drawn if chart]
    return Thesis(later, then_month, findings, charts)
