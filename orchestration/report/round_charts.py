"""The page's charts of rounds: valuations, mega-rounds, pace and sizes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import VALUES, day, dollars, in_words, percent, records

_OF_MONTH = ("universe", "as_of_month")
_OF_QUARTER = ("universe", "quarter_start")


@drawn_from("valuations")
def valuations(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the ladder of last known valuations in the model layer, each from low to high."""
    access = style.present(style.ACCESS, rows["model_access"])
    legend = style.legend(access, VALUES["model_access"], columns=2)
    drawn = style.ranges(
        style.chart(y=style.categories("company", "rank_in_layer")),
        "valuation_low_usd",
        "valuation_high_usd",
        style.money("valuation, on a logarithmic scale", tickCount=4),
        # Of all months, so that the axis stays where it is.
        domain=[float(rows["valuation_low_usd"].min()), float(rows["valuation_high_usd"].max())],
        color=style.coloured("model_access", access, legend),
        stroke=style.outlined("model_access", access),
        fillOpacity=style.pale_if("datum.is_stale"),
        shape=style.shaped("model_access", access, legend),
        href="source_url:N",
    )
    return Drawing(
        drawn,
        "Who is valued highest, and are their models closed?",
        "{company} was valued highest in the model layer on {as_of_month}: {valuation_high_usd}, "
        "last stated on {valued_on}",
        "Companies of the model layer, in any universe, from the lowest to the highest value that "
        "was stated. Pale: last stated more than two years before. A point opens the source of the "
        "round, where it has one.",
        shows=("as_of_month",),
        speaks_of=("as_of_month",),
    )


@drawn_from("mega_rounds")
def mega_rounds(rows: pd.DataFrame, context: ChartContext) -> Drawing | None:
    """Draw the number of mega-rounds by quarter."""
    if not rows["rounds"].any():
        return None
    return Drawing(
        style.bars(_by_quarter("rounds", context)),
        "Are rounds of $100MM and more rare in GenAI?",
        "{rounds} GenAI rounds of $100MM and more in the quarter from {quarter_start}, with "
        "{raised_usd}: {share_of_all} of all its dollars ({universe})",
        "Whole quarters only. They were {share_of_rounds} of the quarter's rounds with a stated "
        "amount.",
        shows=("universe",),
        speaks_of=_OF_QUARTER,
    )


def _by_quarter(column: str, context: ChartContext) -> alt.Chart:
    """Return a chart by quarter that begins where all of them do."""
    x = alt.X("utcyearquarter(quarter_start):T", bandPosition=0.5)
    since = alt.DateTime(year=int(context.scope.charted_from[:4]), utc=True)
    return style.chart(
        x=x.axis(title=None, grid=False, format="%Y", tickCount="year").scale(domainMin=since),
        y=alt.Y(column, type="quantitative", axis=style.count("rounds of $100MM and more")),
    )


@drawn_from("venture_mega_rounds")
def venture_mega_rounds(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the published numbers of mega-rounds in all venture capital."""
    whole = rows[~rows["is_partial"]].sort_values("quarter_start")
    most, last = whole.sort_values("rounds").iloc[-1], whole.iloc[-1]
    publishers = ", ".join(sorted(set(rows["publisher"])))
    drawn = _by_quarter("rounds", context)
    bars = drawn.encode(
        y=alt.Y("rounds:Q", stack=None, axis=style.count("rounds of $100MM and more")),
        fill=alt.condition("datum.is_partial", alt.value("transparent"), alt.value("var(--grey)")),
        stroke=alt.value("var(--grey)"),
    )
    label = style.labels(drawn, alt.Text("rounds:Q"), dy=-7)
    return Drawing(
        alt.layer(style.bars(bars), *label),
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
    rows = rows[rows["is_charted"]]
    if rows.empty:
        return None
    largest = rows.sort_values("amount_usd").iloc[-1]
    until = rows["announced_on"].max()
    complete_to = context.data_sets["large_rounds"].rows["complete_to"].iloc[0]
    layers = style.present(style.LAYERS, rows["layer"])
    legend = style.legend(layers, style.LAYER_WORDS)
    amounts = style.money("amount, on a logarithmic scale", values=[1e8, 1e9, 1e10, 1e11])
    points = style.points(
        style.chart(
            x=style.days("announced_on"),
            y=alt.Y("amount_usd:Q", axis=amounts).scale(type="log"),
            color=style.coloured("layer", layers, legend),
            shape=style.shaped("layer", layers, legend),
        ),
        opacity=0.85,
    )
    # The page holds the largest rounds; if these are all of that size, there may be more of them.
    held = context.data_sets["rounds"]
    is_part = held.left_out and held.rows["is_mega_round"].all()
    which = "largest rounds" if is_part else "rounds of $100MM and more"
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
        f"{len(rows):,} {which} since {day(since)}; the largest is "
        f"{largest['company']}'s {dollars(largest['amount_usd'])} of "
        f"{day(largest['announced_on'])}",
        f"{'Rounds' if is_part else 'All rounds of that size in the data'}, in any universe; the "
        f"table holds the source of each.{shaded}",
        only="is_charted",
    )


@drawn_from("headlines")
def funding_pace(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the year to date by month, a line a year."""
    lines = style.chart(
        x=alt.X("utcmonth(as_of_month):T")
        .axis(title=None, grid=False, format="%b")
        .scale(domain=[alt.DateTime(year=2012, month=month, utc=True) for month in (1, 12)]),
        y=alt.Y("ytd_usd:Q", axis=style.money("equity raised since January", tickCount=5)),
        detail="year:N",
        color=alt.condition(
            "datum.year == utcyear(month)", alt.value("var(--blue)"), alt.value("var(--grey)")
        ),
    ).transform_calculate(year="utcyear(datum.as_of_month)")
    last = lines.transform_joinaggregate(last="max(as_of_month)", groupby=["year"])
    last = last.transform_joinaggregate(most="max(ytd_usd)")
    labels = last.transform_filter(
        "datum.as_of_month == datum.last && datum.ytd_usd >= datum.most / 20"
    ).mark_text(align="left", dx=5, fontWeight="bold", aria=False)
    claims = context.claimed("ytd_usd", universe=context.scope.universe)
    published = context.data_sets.get("published_pace")
    for row in records(published.rows) if published else ():
        counted = f"{dollars(row['ytd_usd'])} to {day(row['counted_to'])}: {row['publisher']}"
        claims.append((row["ytd_usd"], counted))
    dashed = " Dashed: what others published of a year so far." if claims else ""
    answer = context.answers["funding_pace"]
    return Drawing(
        alt.layer(
            lines.mark_line(aria=False),
            style.points(lines, size=25, opacity=1),
            labels.encode(text="year:N"),
            *style.reference_lines(claims, "equity raised since January", along=0.55),
        ).properties(height=320),
        answer.question,
        answer.title,
        "Each line is a year, the blue one that of the month chosen; its end is the year's total, "
        "or what had been raised so far. A year without a name is below a twentieth of the most."
        f"{dashed}",
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
            y=alt.Y("raised:Q", axis=style.money("equity raised in the year", tickCount=5)),
            color=style.coloured("part", parts, style.legend(parts, words)),
            stroke=style.outlined("part", parts),
            order=alt.Order("part:N", sort="descending"),
            fillOpacity=style.pale_if("!datum.is_whole"),
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
        "Without one round, {other_rounds_usd} was raised from January to {as_of_month}"
        "[[, {other_rounds_multiple} times all of the year before]]; with it {ytd_usd} "
        "({universe})",
        "Years to the universe's last complete month; pale: a part of a year. The largest round "
        "of the year is {largest_round_usd}, {largest_round_share} of the total.",
        shows=("universe",),
        speaks_of=_OF_MONTH,
        mart="marts.rpt_funding_pace",
    )


@drawn_from("round_sizes")
def round_sizes(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw shares of rounds by size as of a quarter, with published figures of venture capital."""
    bars = style.chart(
        x=alt.X("share_of_rounds:Q", axis=style.share("share of rounds")).scale(domain=[0, 1]),
        y=alt.Y("size_band:N", sort=style.BANDS).axis(
            title=None, labelExpr=style.words_of(style.BANDS, VALUES["size_band"]), labelLimit=160
        ),
    )
    figures = style.labels(bars, alt.Text("share_of_rounds:Q", format=".1%"), align="left", dx=5)
    published = context.data_sets.get("venture_round_sizes")
    said = [
        f"{percent(row['share_of_rounds'])} of {in_words(row['size_band'], 'size_band')} in the "
        f"quarter from {day(row['quarter_start'])} ({row['publisher']})"
        for row in (records(published.rows) if published else ())
    ]
    return Drawing(
        alt.layer(style.bars(bars), *figures).properties(height=alt.Step(32)),
        "How large are the rounds, and how large in all venture capital?",
        "{share_of_rounds} of the rounds with a stated amount in the quarter from {quarter_start} "
        "were of {size_band} ({universe})",
        f"Published of the rounds of all venture capital: {'; '.join(said) or 'nothing found'}.",
        shows=_OF_QUARTER,
        speaks_of=_OF_QUARTER,
    )
