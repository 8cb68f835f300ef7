"""The report's charts of models and users: releases, cost and quality, adoption.

Belongs here: which rows of a mart each chart shows, how, and what they say. Not here: arithmetic
(a mart holds every figure), what all charts share (encoding.py), their order (charts.py).
"""

from __future__ import annotations

import altair as alt

from orchestration.report.figures import Drawing, Facts, Row, drawn_from
from orchestration.report.formats import day
from orchestration.report.headline import dollars, percent
from orchestration.report.vega_style import coloured, dashed, days, hover, mark, money, tips

RELEASES = """
select released_on, releases, original_releases, releases_per_day_30d,
       original_releases_per_day_30d, max_in_day_to_date, share_under_6_months, releases_to_date,
       undated_to_date
from marts.rpt_release_cadence
where releases_to_date > 0
order by released_on
"""


@drawn_from("marts.rpt_release_cadence", RELEASES)
def releases_per_day(rows: list[Row], facts: Facts) -> Drawing:
    """Draw releases a day as bars and their 30-day means as lines."""
    last = rows[-1]
    bars = (
        alt.Chart()
        .mark_bar(color="var(--line)")
        .encode(
            x=alt.X("utcyearmonthdate(released_on):T").axis(title=None, grid=False),
            y=alt.Y("releases:Q", title=None),
            tooltip=tips(*rows[0]),
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
    return Drawing(
        "How many open models come out a day?",
        f"In the 30 days to {day(last['released_on'])} there were "
        f"{last['original_releases_per_day_30d']:.1f} releases a day, "
        f"{last['releases_per_day_30d']:.1f} with quantised copies, and at most "
        f"{last['max_in_day_to_date']} on one day. {last['undated_to_date']} listed models have no "
        "date and are outside every count. Bars: releases on the day; lines: means of 30 days.",
        alt.layer(bars, lines, mark("y", facts.claimed.get("three_a_day"), "as claimed: up to")),
    )


@drawn_from("marts.rpt_release_cadence", RELEASES)
def releases_to_date(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw the number of dated open models so far."""
    last = rows[-1]
    base = alt.Chart().encode(
        x=days("released_on", "%-d %b", "month"), y=alt.Y("releases_to_date:Q", title=None)
    )
    return Drawing(
        "How many open models are there?",
        f"{last['releases_to_date']:,} dated releases by {day(last['released_on'])}; "
        f"{percent(last['share_under_6_months'])} of the models were under six months old.",
        alt.layer(base.mark_area(opacity=0.5, line={"color": "var(--blue)"}), hover(base, rows[0])),
    )


@drawn_from(
    "marts.rpt_model_catch_up",
    """
    select reference_model, reference_training_cost_usd, model, organisation, training_cost_usd,
           cost_ratio, score_ratio, parameters_bn, reference_parameters_bn, parameters_ratio,
           days_behind
    from marts.rpt_model_catch_up
    where training_cost_usd is not null
    order by reference_model, training_cost_usd, model
    """,
)
def catch_up(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw what open models cost to train, each beside the closed model that the reader chooses."""
    references = sorted({row["reference_model"] for row in rows})
    dearest = max(rows, key=lambda row: row["reference_training_cost_usd"] or 0)
    scored = "; ".join(
        f"{row['model']} reached {percent(row['score_ratio'])} of {row['reference_model']}'s "
        f"quality for {dollars(row['training_cost_usd'])} of training"
        for row in rows
        if row["score_ratio"] is not None
    )
    closed_model = alt.param(
        name="closed_model",
        value=dearest["reference_model"],
        bind=alt.binding_select(name="Closed model: ", options=references),
    )
    base = alt.Chart().encode(
        y=alt.Y("model:N", title=None).sort(field="training_cost_usd", op="min"),
        tooltip=tips(*rows[0]),
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
    return Drawing(
        "What does it cost an open model to catch up?",
        f"Stated: {scored or 'no relative quality'}. The scale is logarithmic: each line joins an "
        "open model with the closed one; some closed models have no stated cost. Models made from "
        "another one count their fine-tuning only.",
        alt.layer(
            base.mark_rule(strokeWidth=2, color="var(--line)").encode(
                x="training_cost_usd:Q", x2="reference_training_cost_usd:Q"
            ),
            *points,
        )
        .add_params(closed_model)
        .transform_filter("datum.reference_model == closed_model")
        .properties(height=alt.Step(24)),
    )


@drawn_from(
    "marts.rpt_adoption",
    """
    select product, milestone, months_to_milestone, longest_months_to_milestone, statements
    from marts.rpt_adoption
    where milestone = '100 million users'
    order by months_to_milestone, product
    """,
)
def adoption(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw the months that products took to 100 million users, from the shortest stated."""
    fast = ", ".join(f"{row['product']} ({row['months_to_milestone']:.2g})" for row in rows[:3])
    base = alt.Chart().encode(
        x=alt.X("months_to_milestone:Q", title="months, on a logarithmic scale")
        .scale(type="log")
        .axis(tickCount=4, format="~g"),
        y=alt.Y("product:N", title=None).sort(field="months_to_milestone", op="min"),
        tooltip=tips(*rows[0]),
    )
    return Drawing(
        "How fast did ChatGPT reach 100 million users?",
        f"The fastest, in months: {fast}. Where sources differ, the line goes from the shortest to "
        "the longest stated.",
        alt.layer(
            base.mark_rule(strokeWidth=4, color="var(--blue)").encode(
                x2="longest_months_to_milestone:Q"
            ),
            base.mark_point(filled=True, size=90, opacity=1),
        ).properties(height=alt.Step(24)),
    )
