"""The page's charts of rounds: valuations, mega-rounds, pace and sizes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, dollars, in_words, percent, records

_OF_MONTH = ("universe", "as_of_month")
_OF_QUARTER = ("universe", "quarter_start")


@drawn_from("valuations")
def valuations(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the ladder of last known valuations in the model layer, each from low to high."""
    access = style.present(style.ACCESS, rows["model_access"])
    drawn = style.ranges(
        style.chart(
            y=style.categories("company", "rank_in_layer"),
            opacity=alt.condition("datum.is_stale", alt.value(0.45), alt.value(1)),
        ),
        "valuation_low_usd",
        "valuation_high_usd",
        style.money(tickCount=4),
        # Of all months, so that the axis stays where it is.
        domain=[float(rows["valuation_low_usd"].min()), float(rows["valuation_high_usd"].max())],
        color=style.coloured("model_access", access, style.legend(access)),
        shape=style.shaped("model_access", access, style.legend(access)),
        href="source_url:N",
    )
    return Drawing(
        drawn,
        "Who is valued highest, and are their models closed?",
        "{company} was valued highest in the model layer on {as_of_month}: {valuation_high_usd}, "
        "last stated on {valued_on}",
        "Colour and shape: access to their models ({model_access}: {company}). Faded: not stated "
        "anew for over a year. A point opens the source of the round, where it has one.",
        shows=("as_of_month",),
        speaks_of=("as_of_month",),
    )


@drawn_from("mega_rounds")
def mega_rounds(_: pd.DataFrame, __: ChartContext) -> Drawing:
    """Draw the number of mega-rounds by quarter."""
    return Drawing(
        style.bars(_by_quarter("rounds")),
        "Are rounds of $100MM and more rare in GenAI?",
        "{rounds} GenAI rounds of $100MM and more in the quarter from {quarter_start}, with "
        "{raised_usd}: {share_of_all} of all its dollars ({universe})",
        "Rounds by quarter: whole quarters only. {share_of_rounds} of the quarter's rounds with a "
        "stated amount.",
        shows=("universe",),
        speaks_of=_OF_QUARTER,
    )


def _by_quarter(column: str) -> alt.Chart:
    x = alt.X("utcyearquarter(quarter_start):T", bandPosition=0.5)
    return style.chart(
        x=x.axis(title=None, grid=False, format="%Y", tickCount="year"),
        y=alt.Y(column, type="quantitative", axis=alt.Axis(title=None, tickCount=5)),
    )


@drawn_from("venture_mega_rounds")
def venture_mega_rounds(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the published numbers of mega-rounds in all venture capital."""
    whole = rows[~rows["is_partial"]].sort_values("quarter_start")
    most, last = whole.sort_values("rounds").iloc[-1], whole.iloc[-1]
    publishers = ", ".join(sorted(set(rows["publisher"])))
    bars = _by_quarter("rounds").encode(
        y=alt.Y("rounds:Q", stack=None, axis=alt.Axis(title=None, tickCount=5)),
        fill=alt.condition("datum.is_partial", alt.value("transparent"), alt.value("var(--grey)")),
        stroke=alt.value("var(--grey)"),
    )
    label = _by_quarter("rounds").mark_text(dy=-7, aria=False).encode(text="rounds:Q")
    return Drawing(
        alt.layer(style.bars(bars), label),
        "And in all venture capital?",
        f"In all venture capital, {most['rounds']:,.0f} in the quarter from "
        f"{day(most['quarter_start'])} and {last['rounds']:,.0f} in that from "
        f"{day(last['quarter_start'])}",
        f"As published ({publishers}); other quarters weren't found. Hollow: a part of a quarter, "
        "to the day that the source says.",
    )


@drawn_from("rounds")
def each_mega_round(rows: pd.DataFrame, context: ChartContext) -> Drawing | None:
    """Draw every mega-round by day and amount."""
    since = context.scope.charted_from
    rows = rows[rows["is_mega_round"] & (rows["announced_on"] >= since)]
    if rows.empty:
        return None
    largest = rows.sort_values("amount_usd").iloc[-1]
    until = rows["announced_on"].max()
    complete_to = context.data_sets["large_rounds"].rows["complete_to"].iloc[0]
    layers = style.present(style.LAYERS, rows["layer"])
    points = style.points(
        style.chart(
            x=style.days("announced_on"),
            y=alt.Y("amount_usd:Q", axis=style.money(values=[1e8, 1e9, 1e10, 1e11])).scale(
                type="log"
            ),
            color=style.coloured("layer", layers, style.legend(layers)),
            shape=style.shaped("layer", layers, style.legend(layers)),
        ).transform_filter(f"datum.is_mega_round && datum.announced_on >= {_milliseconds(since)}"),
        opacity=0.85,
    )
    shaded = ""
    partial = []
    if until > complete_to:
        span = alt.InlineData(values=[{"from": complete_to, "to": until}])
        shade = alt.Chart(span).encode(x=style.days("from"), x2="to:T")
        partial.append(shade.mark_rect(color="currentColor", opacity=0.08, aria=False))
        shaded = f" Shaded, after {day(complete_to)}: only a part of them is in the data."
    return Drawing(
        alt.layer(*partial, points).properties(height=300),
        "Which rounds of $100MM and more were there?",
        f"{len(rows)} rounds of $100MM and more since {day(since)}; the largest is "
        f"{largest['company']}'s {dollars(largest['amount_usd'])} of "
        f"{day(largest['announced_on'])}",
        f"The table holds the source of each round.{shaded}",
    )


def _milliseconds(date: str) -> int:
    return int(pd.Timestamp(date).value // 10**6)


@drawn_from("headlines")
def funding_pace(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the year to date by month, a line a year."""
    lines = style.chart(
        x=alt.X("utcmonth(as_of_month):T").axis(title=None, grid=False, format="%b"),
        y=alt.Y("ytd_usd:Q", axis=style.money(tickCount=5)),
        detail="year:N",
        color=alt.condition(
            "datum.year == utcyear(month)", alt.value("var(--blue)"), alt.value("var(--grey)")
        ),
    ).transform_calculate(year="utcyear(datum.as_of_month)")
    last = lines.transform_joinaggregate(last="max(as_of_month)", groupby=["year"])
    labels = last.transform_filter("datum.as_of_month == datum.last").mark_text(
        align="left", dx=5, fontWeight="bold", aria=False
    )
    claims = context.claimed("ytd_usd", universe=context.scope.universe)
    dashed = " Dashed: what others published of a year so far." if claims else ""
    answer = context.answers["funding_pace"]
    return Drawing(
        alt.layer(
            lines.mark_line(aria=False),
            style.points(lines, size=25, opacity=1),
            labels.encode(text="year:N"),
            *style.reference_lines(claims),
        ).properties(height=320),
        answer.question,
        answer.title,
        "Each line is a year, the blue one that of the month chosen; its end is the year's total, "
        f"or what had been raised so far.{dashed}",
        shows=("universe",),
        speaks_of=_OF_MONTH,
        mart="marts.rpt_funding_pace",
    )


@drawn_from("headlines")
def annual_totals(_: pd.DataFrame, __: ChartContext) -> Drawing:
    """Draw each year's total, its largest round apart; the last year is as far as it goes."""
    parts = {"other_rounds_usd": "blue", "largest_round_usd": "orange"}
    words = {"other_rounds_usd": "all other rounds", "largest_round_usd": "the largest round"}
    bars = (
        style.chart(
            x=alt.X("year:O").axis(title=None, labelAngle=0),
            y=alt.Y("raised:Q", axis=style.money(tickCount=5)),
            color=style.coloured("part", parts, style.legend(parts, words)),
            order=alt.Order("part:N", sort="descending"),
            opacity=alt.condition("datum.is_whole", alt.value(1), alt.value(0.6)),
        )
        .transform_calculate(year="utcyear(datum.as_of_month)")
        .transform_joinaggregate(last="max(as_of_month)", groupby=["year"])
        .transform_filter("datum.as_of_month == datum.last")
        .transform_calculate(is_whole="utcmonth(datum.as_of_month) == 11")
        .transform_fold(list(parts), as_=["part", "raised"])
    )
    return Drawing(
        style.bars(bars),
        "What would a year be without its largest round?",
        "Without one round, {other_rounds_usd} was raised from January to {as_of_month}, "
        "{other_rounds_multiple} times all of the year before; with it {ytd_usd} ({universe})",
        "Years to the universe's last complete month; paler: a part of a year. The largest round "
        "of the year is {largest_round_usd}, {largest_round_share} of the total.",
        shows=("universe",),
        speaks_of=_OF_MONTH,
        mart="marts.rpt_funding_pace",
    )


@drawn_from("round_sizes")
def round_sizes(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw shares of rounds by size as of a quarter, with published figures of venture capital."""
    bars = style.chart(
        x=alt.X("share_of_rounds:Q", axis=style.share()).scale(domain=[0, 1]),
        y=alt.Y("size_band:N", sort=style.BANDS).axis(
            title=None, labelExpr=style.words_of(style.BANDS), labelLimit=160
        ),
    )
    figures = bars.mark_text(align="left", dx=5, aria=False).encode(
        text=alt.Text("share_of_rounds:Q", format=".1%")
    )
    published = context.data_sets.get("venture_round_sizes")
    said = [
        f"{percent(row['share_of_rounds'])} {in_words(row['size_band'])} in the quarter from "
        f"{day(row['quarter_start'])} ({row['publisher']})"
        for row in (records(published.rows) if published else ())
    ]
    return Drawing(
        alt.layer(style.bars(bars), figures).properties(height=alt.Step(32)),
        "How large are the rounds, and how large in all venture capital?",
        "{share_of_rounds} of the rounds with a stated amount in the quarter from {quarter_start} "
        "were of {size_band} ({universe})",
        f"Published of all venture capital: {'; '.join(said) or 'nothing that was found'}.",
        shows=_OF_QUARTER,
        speaks_of=_OF_QUARTER,
    )
