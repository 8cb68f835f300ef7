"""The report's charts of models and users: releases, cost and quality, adoption.

Belongs here: which rows of a mart each chart shows, how, and what they say. Not here: arithmetic
(a mart holds every figure), what all charts share (vega_style.py), their order (page.py).
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, dollars, percent
from orchestration.report.vega_style import (
    coloured,
    dashed,
    days,
    hover,
    money,
    reference_line,
    tips,
)

RELEASES = """
select released_on, releases, original_releases, releases_per_day_30d,
       original_releases_per_day_30d, max_in_day_to_date, share_under_6_months, releases_to_date,
       undated_to_date
from marts.rpt_release_cadence
where releases_to_date > 0
order by released_on
"""


@drawn_from("marts.rpt_release_cadence", RELEASES)
def releases_per_day(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw releases a day as bars and their 30-day means as lines."""
    bars = (
        alt.Chart()
        .mark_bar(color="var(--line)")
        .encode(
            x=alt.X("utcyearmonthdate(released_on):T").axis(title=None, grid=False),
            y=alt.Y("releases:Q", title=None),
            tooltip=tips(rows),
        )
    )
    legend = alt.Legend(
        labelExpr="datum.label == 'releases_per_day_30d' ? 'all' : 'without quantised copies'"
    )
    means = {"original_releases_per_day_30d": "blue", "releases_per_day_30d": "orange"}
    lines = (
        alt.Chart()
        .transform_fold(list(means), as_=["mean", "a_day"])
        .mark_line()
        .encode(
            x=days("released_on", "%-d %b", "month"),
            y="a_day:Q",
            color=coloured("mean", means, legend),
            strokeDash=dashed("mean", means, legend),
        )
    )
    claimed = reference_line("y", context.claimed("original_releases_per_day_30d"))
    return Drawing(
        alt.layer(bars, lines, claimed),
        "Bars: releases on the day; lines: means of 30 days.",
    )


@drawn_from("marts.rpt_release_cadence", RELEASES)
def releases_to_date(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the number of dated open models so far."""
    last = rows.iloc[-1]
    base = alt.Chart().encode(
        x=days("released_on", "%-d %b", "month"), y=alt.Y("releases_to_date:Q", title=None)
    )
    return Drawing(
        alt.layer(base.mark_area(opacity=0.5, line={"color": "var(--blue)"}), hover(base, rows)),
        f"{last['releases_to_date']:,} dated releases by {day(last['released_on'])}; "
        f"{percent(last['share_under_6_months'])} of the models were under six months old.",
        "How many open models are there?",
    )


@drawn_from(
    "marts.rpt_model_catch_up",
    """
    select reference_model, reference_training_cost_usd, model, organisation, training_cost_usd,
           cost_ratio, score_ratio, parameters_bn, reference_parameters_bn, parameters_ratio,
           days_behind
    from marts.rpt_model_catch_up
    where training_cost_usd is not null
    order by reference_training_cost_usd desc nulls last, reference_model, training_cost_usd, model
    """,
)
def catch_up(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw what open models cost to train, each beside the closed model that the reader chooses."""
    scored = "; ".join(
        f"{row.model} reached {percent(row.score_ratio)} of {row.reference_model}'s "
        f"quality for {dollars(row.training_cost_usd)} of training"
        for row in rows.dropna(subset="score_ratio").itertuples()
    )
    closed_model = alt.param(
        name="closed_model",
        value=rows["reference_model"].iloc[0],
        bind=alt.binding_select(name="Closed model: ", options=sorted(set(rows.reference_model))),
    )
    base = alt.Chart().encode(
        y=alt.Y("model:N", title=None).sort(field="training_cost_usd", op="min"),
        tooltip=tips(rows),
    )
    access = {"open": "blue", "closed": "vermilion"}
    points = [
        base.mark_point(filled=True, size=90, opacity=1)
        .transform_calculate(access=f"'{name}'")
        .encode(
            x=alt.X(f"{cost}:Q", axis=money(tickCount=4)).scale(type="log"),
            color=coloured("access", access),
            shape=alt.Shape("access:N").scale(domain=list(access), range=["square", "circle"]),
        )
        for name, cost in zip(
            access, ("training_cost_usd", "reference_training_cost_usd"), strict=True
        )
    ]
    lines = base.mark_rule(strokeWidth=2, color="var(--line)").encode(
        x="training_cost_usd:Q", x2="reference_training_cost_usd:Q"
    )
    return Drawing(
        alt.layer(lines, *points)
        .add_params(closed_model)
        .transform_filter("datum.reference_model == closed_model")
        .properties(height=alt.Step(24)),
        f"Stated: {scored or 'no relative quality'}. The scale is logarithmic: each line joins an "
        "open model with the closed one; some closed models have no stated cost. Models made from "
        "another one count their fine-tuning only.",
        "What does it cost an open model to catch up?",
    )


@drawn_from(
    "marts.rpt_adoption",
    """
    select product, milestone, months_to_milestone, longest_months_to_milestone, statements
    from marts.rpt_adoption
    where milestone = (
        select milestone from marts.rpt_adoption
        group by milestone order by count(*) desc, milestone limit 1
    )
    order by months_to_milestone, product
    """,
)
def adoption(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the months that products took to the milestone most stated, from the shortest stated."""
    fast = ", ".join(
        f"{row.product} ({row.months_to_milestone:.2g})" for row in rows.head(3).itertuples()
    )
    base = alt.Chart().encode(
        x=alt.X("months_to_milestone:Q", title="months, on a logarithmic scale")
        .scale(type="log")
        .axis(tickCount=4, format="~g"),
        y=alt.Y("product:N", title=None).sort(field="months_to_milestone", op="min"),
        tooltip=tips(rows),
    )
    spans = base.mark_rule(strokeWidth=4, color="var(--blue)").encode(
        x2="longest_months_to_milestone:Q"
    )
    return Drawing(
        alt.layer(spans, base.mark_point(filled=True, size=90, opacity=1)).properties(
            height=alt.Step(24)
        ),
        f"The fastest, in months: {fast}. Where sources differ, the line goes from the shortest to "
        "the longest stated.",
        f"How fast did products reach {rows['milestone'].iloc[0]}?",
    )
