"""The page's charts of models and users: releases, ancestors, cost and quality, adoption."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, dollars, in_words, percent, records

_ACCESS = {"closed": "vermilion", "open": "blue"}


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
        x=style.days("released_on", "%b %Y", "month"),
        y=alt.Y("a_day:Q", axis=alt.Axis(title=None)),
        color=style.coloured("mean", means, legend),
        strokeDash=style.dashed("mean", means, legend),
    ).transform_fold(list(means), as_=["mean", "a_day"])
    answer = context.answers["releases_per_day"]
    return Drawing(
        alt.layer(
            lines.mark_line(aria=False),
            style.bands("released_on"),
            *style.reference_lines(context.claimed("original_releases_per_day_30d")),
        ),
        answer.question,
        f"{answer.value} {answer.sentence}".rstrip("."),
        f"Means of 30 days, by week; they rise from zero where a list begins. {answer.basis}",
        choice="list_title",
    )


@drawn_from("releases")
def releases_to_date(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the number of dated open models so far, week by week, a line a list."""
    last = rows.groupby("list_title", sort=False).head(1)
    lists = dict(zip(last["list_title"], style.COLOURS, strict=False))
    lines = style.chart(
        x=style.days("released_on", "%b %Y", "month"),
        y=alt.Y("releases_to_date:Q", title=None),
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
        f"{'; '.join([*said[1:], ''])}One list holds every upload, another notable models only: a "
        "line is to be compared with itself, and where it ends nothing has ended but the list.",
    )


@drawn_from("monthly_releases")
def monthly_releases(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the releases of each month by kind of organisation, copies paler than originals."""
    kinds = ["big_tech", "startup", "community", "non_profit", "academia", "government", "unknown"]
    held = sorted(set(rows["organisation_type"]))
    ordered = [*(kind for kind in kinds if kind in held), *sorted(set(held) - set(kinds))]
    colours = dict(zip(ordered, (*style.COLOURS, "ink"), strict=False)) | {"unknown": "grey"}
    bars = (
        style.chart(
            x=alt.X("utcyearmonth(as_of_month):T").axis(
                title=None, grid=False, format="%b %Y", labelOverlap=True
            ),
            y=alt.Y("models:Q", title=None),
            color=style.coloured("organisation_type", colours, style.legend(colours, columns=4)),
            opacity=alt.condition("datum.what == 'copies'", alt.value(0.5), alt.value(1)),
            order=alt.Order("what:N", sort="descending"),
        )
        .transform_fold(["original_releases", "copies"], as_=["what", "models"])
        .transform_filter("datum.models > 0")
    )
    return Drawing(
        style.bars(bars),
        "Who releases the open models?",
        "{original_releases_in_month} open models came out in the month to {as_of_month} without "
        "copies and adapters, {releases_in_month} with them",
        "By kind of organisation; paler: copies, conversions and adapters of another model. Where "
        "a list ends, nothing has ended but the list.",
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
    label = bars.mark_text(align="left", dx=4, aria=False).encode(
        text=alt.Text("share_of_models:Q", format=".1%")
    )
    return Drawing(
        alt.layer(style.bars(bars), label).properties(height=alt.Step(26)),
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
        x=alt.X("score_ratio:Q", axis=style.share()).scale(domain=[0, 1]),
        y=style.categories("model", "rank"),
        color=style.coloured("access", access, style.legend(access)),
    )
    claims = context.claimed("score_ratio", "vicuna13b")
    return Drawing(
        alt.layer(style.bars(bars), *style.reference_lines(claims, "x")).properties(
            height=alt.Step(30)
        ),
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
    lowest, highest = rows.iloc[0], rows.iloc[-1]
    points = style.points(
        style.chart(
            x=alt.X("training_cost_usd:Q", axis=style.money(tickCount=5)).scale(type="log"),
            y=style.categories("model", "training_cost_usd"),
            color=style.coloured("access", access, style.legend(access)),
            shape=style.shaped("access", access, style.legend(access)),
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
        "point opens its source. Models made from another one count their fine-tuning only. The "
        "scale is logarithmic.",
    )


@drawn_from("catch_up")
def catch_up(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw what open models cost to train, each beside the closed model that the reader chooses."""
    costs = {"training_cost_usd": "blue", "reference_training_cost_usd": "vermilion"}
    words = {"training_cost_usd": "open", "reference_training_cost_usd": "closed"}
    cheapest = rows.sort_values("cost_ratio", na_position="first").iloc[-1]
    return Drawing(
        style.ranges(
            style.chart(y=style.categories("model", "training_cost_usd")),
            "training_cost_usd",
            "reference_training_cost_usd",
            style.money(tickCount=4),
            color=style.coloured("end", costs, style.legend(costs, words)),
            shape=style.shaped("end", costs, style.legend(costs, words)),
        ),
        "What does it cost an open model to catch up?",
        f"{cheapest['model']} cost {dollars(cheapest['training_cost_usd'])} to train, "
        f"{cheapest['reference_model']} {dollars(cheapest['reference_training_cost_usd'])}",
        "The scale is logarithmic: each line joins an open model with the closed one chosen. A "
        "cheap model made from another one counts its fine-tuning only.",
        choice="reference_model",
    )


@drawn_from("adoption")
def adoption(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the months that products took to the milestone most stated, from the shortest stated."""
    fastest = [f"{row.product} {row.months_to_milestone:.2g}" for row in rows.head(3).itertuples()]
    months = alt.Axis(title="months, on a logarithmic scale", tickCount=4, format="~g")
    return Drawing(
        style.ranges(
            style.chart(y=style.categories("product", "months_to_milestone")),
            "months_to_milestone",
            "longest_months_to_milestone",
            months,
        ),
        f"How fast did products reach {in_words(rows['milestone'].iloc[0])}?",
        f"Months to {rows['milestone'].iloc[0]}: {', '.join(fastest)}",
        "Where sources differ, the line goes from the shortest to the longest stated.",
    )
