"""The page's charts of models and users: releases, ancestors, cost and quality, adoption."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import VALUES, cell, day, dollars, in_words, percent, records

_ACCESS = {"closed": "vermilion", "open": "blue"}
_ACCESS_WORDS = {"closed": "closed models", "open": "open models"}


@drawn_from("releases")
def releases_per_day(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the 30-day means of releases a day of the list that the reader chooses."""
    means = {"original_releases_per_day_30d": "blue", "releases_per_day_30d": "orange"}
    words = {
        "original_releases_per_day_30d": "without copies and adapters",
        "releases_per_day_30d": "with them",
    }
    legend = style.legend(means, words, symbolType="stroke")
    lines = style.chart(
        x=style.days("released_on"),
        y=alt.Y("a_day:Q", axis=alt.Axis(title="models a day")),
        color=style.coloured("mean", means, legend),
        strokeDash=style.dashed("mean", means, legend),
    ).transform_fold(list(means), as_=["mean", "a_day"])
    answer = context.answers["releases_per_day"]
    claims = context.claimed("original_releases_per_day_30d")
    return Drawing(
        alt.layer(
            lines.mark_line(aria=False),
            style.bands("released_on"),
            *style.reference_lines(claims, "models a day"),
        ),
        answer.question,
        "{original_releases_per_day_30d} open models a day came out in the 30 days to "
        "{released_on} ({list_title}), {releases_per_day_30d} with copies and adapters; the "
        "busiest day had {max_in_day_to_date}",
        "Means of 30 days, by week; they rise from zero where a list begins. {releases_to_date} "
        "models of that list are dated to a day; {undated_to_date} have no date and are outside "
        "the count. Other lists hold other populations and can't be compared with it.",
        choice="list_title",
    )


@drawn_from("releases")
def releases_to_date(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the number of dated open models so far, week by week, a line a list."""
    last = rows.groupby("list_title", sort=False).head(1)
    lists = dict(zip(last["list_title"], style.COLOURS, strict=False))
    lines = style.chart(
        x=style.days("released_on"),
        y=alt.Y("releases_to_date:Q", axis=style.count("models")),
        color=style.coloured(
            "list_title", lists, alt.Legend(columns=1, labelLimit=420, symbolType="stroke")
        ),
    )
    said = [
        f"{row['releases_to_date']:,} dated releases by {day(row['released_on'])}, "
        f"{percent(row['share_under_6_months'])} of them under six months old ({row['list_title']})"
        for row in records(last)
    ]
    return Drawing(
        alt.layer(lines.mark_line(aria=False), style.points(lines, size=20, opacity=1)),
        "How many open models are there?",
        said[0],
        f"{'. '.join([*said[1:], ''])}One list holds every upload, another notable models only: a "
        "line is to be compared with itself, and where it ends nothing has ended but the list.",
    )


@drawn_from("monthly_releases")
def monthly_releases(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the releases of each month by kind of organisation, copies paler than originals."""
    kinds = ["big_tech", "startup", "community", "non_profit", "academia", "government", "unknown"]
    held = sorted(set(rows["organisation_type"]))
    ordered = [*(kind for kind in kinds if kind in held), *sorted(set(held) - set(kinds))]
    colours = dict(zip(ordered, (*style.COLOURS, "ink"), strict=False)) | {"unknown": "grey"}
    legend = style.legend(colours, VALUES["organisation_type"])
    bars = (
        style.chart(
            x=alt.X("utcyearmonth(as_of_month):T").axis(
                title=None, grid=False, format="%b %Y", labelOverlap=True
            ),
            y=alt.Y("models:Q", axis=style.count("models")),
            color=style.coloured("organisation_type", colours, legend),
            stroke=style.outlined("organisation_type", colours),
            fillOpacity=style.pale_if("datum.what == 'copies'"),
            order=alt.Order("what:N", sort="descending"),
        )
        .transform_fold(["original_releases", "copies"], as_=["what", "models"])
        .transform_filter("datum.models > 0")
    )
    ends = context.data_sets["releases"].rows.groupby("list_title")["released_on"].max()
    ended = alt.Chart(alt.InlineData(values=[{"on": end, "text": "a list ends"} for end in ends]))
    ended = ended.encode(x=alt.X("utcyearmonthdate(on):T"))
    return Drawing(
        alt.layer(
            style.bars(bars),
            ended.mark_rule(strokeDash=[3, 3], aria=False),
            *style.labels(ended.encode(y=alt.value(6)), alt.Text("text:N"), align="left", dx=4),
        ),
        "Who releases the open models?",
        "Open models that came out in the month to {as_of_month}: {original_releases_in_month} "
        "without copies and adapters, {releases_in_month} with them[[; one list ends on "
        "{list_ends_on}]]",
        "[[Only a part of this month: {ended_list} ends on {list_ends_on}. ]]By kind of "
        "organisation; pale: copies, conversions and adapters of another model. Where a list ends, "
        "nothing has ended but the list.",
        speaks_of=("as_of_month",),
    )


@drawn_from("base_models")
def base_models(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the ancestors that most of the listed open models come from."""
    first = rows.iloc[0]
    bars = style.chart(
        x=alt.X("models:Q", axis=alt.Axis(title="models", tickCount=5)),
        y=style.categories("root_model", "rank"),
    )
    label = style.labels(bars, alt.Text("share_of_models:Q", format=".1%"), align="left", dx=4)
    return Drawing(
        alt.layer(style.bars(bars), *label).properties(height=alt.Step(26)),
        "How many open models come from one?",
        f"{percent(first['share_of_models'])} of the listed open models come from "
        f"{first['root_model']}: {first['models']:,} of them",
        "A model counts for the first of its line of base models, itself included; shares are of "
        "all models of the lists.",
    )


@drawn_from("relative_quality")
def relative_quality(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw scores relative to a closed model as bars."""
    best = rows[rows["access"] == "open"]
    told = rows.iloc[0] if best.empty else best.iloc[0]
    access = style.present(_ACCESS, rows["access"])
    bars = style.chart(
        x=alt.X("score_ratio:Q", axis=style.share("relative quality")).scale(domain=[0, 1]),
        y=style.categories("model", "rank"),
        color=style.coloured("access", access, style.legend(access, _ACCESS_WORDS, offset=34)),
    )
    claims = context.claimed("score_ratio", "vicuna13b")
    return Drawing(
        alt.layer(
            style.bars(bars), *style.reference_lines(claims, "relative quality", "x")
        ).properties(height=alt.Step(30)),
        "How good are open models beside closed ones?",
        f"{told['model']} ({told['access']}) reached {percent(told['score_ratio'])}: "
        f"{told['benchmark']}",
        "Published relative quality. No other model of the data has one, and benchmarks of the "
        "open models' leaderboard have no closed model to compare with.",
    )


@drawn_from("training_costs")
def training_costs(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw what open and closed models cost to train, as stated or estimated."""
    access = style.present(_ACCESS, rows["access"])
    legend = style.legend(access, _ACCESS_WORDS)
    costs = style.money("cost to train, on a logarithmic scale", tickCount=5)
    lowest, highest = rows.iloc[0], rows.iloc[-1]
    points = style.points(
        style.chart(
            x=alt.X("training_cost_usd:Q", axis=costs).scale(type="log"),
            y=style.categories("model", "training_cost_usd"),
            color=style.coloured("access", access, legend),
            shape=style.shaped("access", access, legend),
            href="source_url:N",
        ),
        90,
        opacity=1,
    )
    return Drawing(
        points.properties(height=alt.Step(20)),
        "What do open and closed models cost to train?",
        f"From {dollars(lowest['training_cost_usd'])} for {lowest['model']} ({lowest['access']}) "
        f"to {dollars(highest['training_cost_usd'])} for {highest['model']} ({highest['access']})",
        "Every point is a statement or an estimate, several of one model where sources differ; a "
        "point opens its source. Models made from another one count their fine-tuning only.",
    )


@drawn_from("catch_up")
def catch_up(_: pd.DataFrame, __: ChartContext) -> Drawing:
    """Draw what open models cost to train, each beside the closed model that the reader chooses."""
    costs = {"training_cost_usd": "blue", "reference_training_cost_usd": "vermilion"}
    words = {"training_cost_usd": "open model", "reference_training_cost_usd": "closed model"}
    return Drawing(
        style.ranges(
            style.chart(y=style.categories("model", "training_cost_usd")),
            "training_cost_usd",
            "reference_training_cost_usd",
            style.money("cost to train, on a logarithmic scale", tickCount=4),
            color=style.coloured("end", costs, style.legend(costs, words)),
            shape=style.shaped("end", costs, style.legend(costs, words)),
        ),
        "What does it cost an open model to catch up?",
        "{model} cost {training_cost_usd} to train, {reference_model} "
        "{reference_training_cost_usd}",
        "Each line joins an open model with the closed one chosen. A cheap model made from another "
        "one counts its fine-tuning only.",
        choice="reference_model",
    )


@drawn_from("adoption")
def adoption(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the months that products took to the milestone most stated, from the shortest stated."""
    milestone = in_words(rows["milestone"].iloc[0])
    first, *others = (
        (row["product"], cell(row["months_to_milestone"], "months"))
        for row in records(rows.head(3))
    )
    later = "".join(f", {product} in {months}" for product, months in others)
    months = alt.Axis(title="months, on a logarithmic scale", tickCount=4, format="~g")
    return Drawing(
        style.ranges(
            style.chart(y=style.categories("product", "months_to_milestone")),
            "months_to_milestone",
            "longest_months_to_milestone",
            months,
        ),
        f"How fast did products reach {milestone}?",
        f"{first[0]} reached {milestone} in {first[1]} months{later}",
        "Where sources differ, the line goes from the shortest to the longest stated.",
    )
