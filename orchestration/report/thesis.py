"""The thesis asked again: the article's figures in its month and in the last complete month since.

Belongs here: which universe is asked, and the words. Not here: arithmetic
(audit.thesis_then_and_now holds every figure).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from orchestration.report.formats import cell, records
from orchestration.report.scope import Scope, choose_later_scope, read_rows

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
    measure, then_month, then_value, now_value
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
    then_month: str
    findings: Sequence[Finding]


def ask_again(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Thesis | None:
    """Return what became of the thesis; None where no universe is complete at both months.

    The headline's universe is asked if it can be, else the one that is complete for longest, to
    which the views and variables that queries read then point.
    """
    rows = records(read_rows(connection, _FIGURES))
    asked = scope
    if not rows and (later := choose_later_scope(connection)):
        asked, rows = later, records(read_rows(connection, _FIGURES))
    if not rows:
        return None
    findings = [
        Finding(
            row["question"],
            row["answer"],
            cell(row["then_value"], row["measure"]),
            cell(row["now_value"], row["measure"]),
            f"audit.thesis_then_and_now.change_in_value, {asked.universe}, {row['measure']}",
        )
        for row in rows
    ]
    return Thesis(asked, rows[0]["then_month"], findings)
