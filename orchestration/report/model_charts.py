"""The report's charts of models and users: releases, cost and quality, adoption."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, dollars, percent, records

RELEASES = """
select list_title, released_on, releases, original_releases, releases_per_day_30d,
       original_releases_per_day_30d, releases_to_date, share_under_6_months
from marts.rpt_release_cadence as cadence
inner join (select distinct source, list_title from marts.fct_model_listings) using (source)
where releases_to_date > 0
"""
# Sundays, and the last day of each list.
_WEEKLY = """
and (dayofweek(released_on) = 0 or released_on = (
    select max(released_on) from marts.rpt_release_cadence where source = cadence.source
))
"""
_FULLEST_FIRST = """
order by max(releases_per_day_30d) over (partition by source) desc, source, released_on
"""


@drawn_from(RELEASES + _FULLEST_FIRST)
def releases_per_day(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the releases a day of the list that the reader chooses, and their 30-day means."""
    bars = alt.Chart().encode(
        x=alt.X("utcyearmonthdate(released_on):T").axis(title=None, grid=False),
        y=alt.Y("releases:Q", title=None),
        tooltip=style.tips(rows),
    )
    legend = alt.Legend(
        labelExpr="datum.label == 'releases_per_day_30d' ? 'all' : 'without copies and adapters'"
    )
    means = {"original_releases_per_day_30d": "blue", "releases_per_day_30d": "orange"}
    lines = alt.Chart().encode(
        x=style.days("released_on", "%-d %b %Y", "month"),
        y="a_day:Q",
        color=style.coloured("mean", means, legend),
        strokeDash=style.dashed("mean", means, legend),
    )
    claimed = style.reference_lines(context.claimed("original_releases_per_day_30d"))
    lists = list(dict.fromkeys(rows["list_title"]))
    chosen_list = alt.param(
        name="chosen_list", value=lists[0], bind=alt.binding_select(name="List: ", options=lists)
    )
    of_list = "datum.list_title == chosen_list"
    return Drawing(
        alt.layer(
            bars.mark_bar(color="var(--line)").transform_filter(of_list),
            lines.transform_filter(of_list)
            .transform_fold(list(means), as_=["mean", "a_day"])
            .mark_line(),
            *claimed,
        ).add_params(chosen_list),
        "Bars: releases on the day; lines: means of 30 days, which rise from zero where a list "
        "begins.",
    )


@drawn_from(RELEASES + _WEEKLY + _FULLEST_FIRST)
def releases_to_date(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the number of dated open models so far, week by week, a line a list."""
    last = rows.groupby("list_title", sort=False).tail(1)
    lists = dict(zip(last["list_title"], style.COLOURS, strict=False))
    base = alt.Chart().encode(
        x=style.days("released_on", "%b %Y", "month"),
        y=alt.Y("releases_to_date:Q", title=None),
        color=style.coloured("list_title", lists, alt.Legend(columns=1, labelLimit=400)),
    )
    said = "; ".join(
        f"{row['list_title']}: {row['releases_to_date']:,} dated releases by "
        f"{day(row['released_on'])}, {percent(row['share_under_6_months'])} under six months old"
        for row in records(last)
    )
    return Drawing(
        alt.layer(base.mark_line(), style.hover(base, rows)),
        f"{said}. One list holds every upload, another notable models only: a line is to be "
        "compared with itself, and where it ends nothing has ended but the list.",
        "How many open models are there?",
    )


@drawn_from(
    """
    select * exclude (model_id, reference_model_id)
    from marts.rpt_model_catch_up
    where training_cost_usd is not null
    order by reference_training_cost_usd desc nulls last, reference_model, training_cost_usd, model
    """
)
def catch_up(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw what open models cost to train, each beside the closed model that the reader chooses."""
    scored = "; ".join(
        f"{row.model} reached {percent(row.score_ratio)} of {row.reference_model}'s "
        f"quality for {dollars(row.training_cost_usd)} of training"
        for row in rows.dropna(subset="score_ratio").itertuples()
    )
    references = list(dict.fromkeys(rows["reference_model"]))
    closed_model = alt.param(
        name="closed_model",
        value=references[0],
        bind=alt.binding_select(name="Closed model: ", options=sorted(references)),
    )
    costs = {"training_cost_usd": "blue", "reference_training_cost_usd": "vermilion"}
    legend = alt.Legend(labelExpr="datum.label == 'training_cost_usd' ? 'open' : 'closed'")
    return Drawing(
        style.ranges(
            style.entities("model", "training_cost_usd", rows),
            "training_cost_usd",
            "reference_training_cost_usd",
            style.money(tickCount=4),
            color=style.coloured("end", costs, legend),
            shape=style.shaped("end", costs, legend),
        )
        .add_params(closed_model)
        .transform_filter("datum.reference_model == closed_model"),
        f"Stated: {scored or 'no relative quality'}. The scale is logarithmic: each line joins an "
        "open model with the closed one; some closed models have no stated cost. Models made from "
        "another one count their fine-tuning only.",
        "What does it cost an open model to catch up?",
    )


@drawn_from(
    """
    select product, milestone, months_to_milestone, longest_months_to_milestone, statements
    from marts.rpt_adoption
    where milestone = (
        select milestone from marts.rpt_adoption
        group by milestone order by count(*) desc, milestone limit 1
    )
    order by months_to_milestone, product
    """
)
def adoption(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the months that products took to the milestone most stated, from the shortest stated."""
    fastest = rows.head(3).itertuples()
    named = ", ".join(f"{row.product} ({row.months_to_milestone:.2g})" for row in fastest)
    months = alt.Axis(title="months, on a logarithmic scale", tickCount=4, format="~g")
    products = style.entities("product", "months_to_milestone", rows)
    return Drawing(
        style.ranges(products, "months_to_milestone", "longest_months_to_milestone", months),
        f"The fastest, in months: {named}. Where sources differ, the line goes from the shortest "
        "to the longest stated.",
        f"How fast did products reach {rows['milestone'].iloc[0]}?",
    )
