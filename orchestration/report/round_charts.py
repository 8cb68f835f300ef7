"""The report's charts of rounds: valuations, mega-rounds, pace and sizes.

Belongs here: which rows of a mart each chart shows, how, and what they say. Not here: arithmetic
(a mart holds every figure), what all charts share (vega_style.py), their order (page.py).
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, dollars, percent
from orchestration.report.vega_style import (
    ACCESS,
    BANDS,
    COLOURS,
    IN_WORDS,
    LAYERS,
    WORDS,
    coloured,
    days,
    hover,
    money,
    partial,
    share,
    tips,
)


@drawn_from(
    "marts.rpt_valuations",
    """
    select ladder.as_of_month, ladder.rank_in_layer, ladder.company, ladder.model_access,
           ladder.valuation_low_usd, ladder.valuation_high_usd, ladder.valued_on,
           ladder.strategic_backers, rounds.source_url
    from marts.rpt_valuations as ladder
    left join marts.fct_funding_rounds as rounds on ladder.round_id = rounds.round_id
    where ladder.layer = 'model_platform'
          and ladder.as_of_month
              between getvariable('charted_from') + interval 3 year and getvariable('month')
    order by ladder.as_of_month, ladder.rank_in_layer, ladder.company
    """,
)
def valuations(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the ladder of last known valuations in the model layer, each from low to high."""
    last = rows[rows["as_of_month"] == rows["as_of_month"].max()]
    named = ", ".join(f"{row.company} ({row.model_access})" for row in last.head(3).itertuples())
    base = alt.Chart().encode(
        x=alt.X("valuation_low_usd:Q", axis=money(tickCount=4)).scale(type="log"),
        y=alt.Y("company:N", title=None).sort(field="rank_in_layer", op="min"),
        color=coloured("model_access", {name: look[0] for name, look in ACCESS.items()}),
        href="source_url:N",
        tooltip=tips(rows.columns[1:]),
    )
    shapes = alt.Scale(domain=list(ACCESS), range=[look[1] for look in ACCESS.values()])
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        shape=alt.Shape("model_access:N").scale(shapes)
    )
    return Drawing(
        alt.layer(
            base.mark_rule(strokeWidth=5).encode(x2="valuation_high_usd:Q"),
            point,
            point.encode(x="valuation_high_usd:Q"),
        ).properties(height=alt.Step(24)),
        "The most highly valued model companies on "
        f"{day(last['as_of_month'].iloc[0])}, with the access to their models: {named}.",
        "Who is valued highest, and are their models closed?",
        slider="as_of_month",
    )


@drawn_from(
    "marts.rpt_mega_rounds",
    """
    select quarter_start, rounds, raised_usd, share_of_all, share_of_rounds, times_average_round
    from marts.rpt_mega_rounds
    where quarter_start between getvariable('charted_from') and getvariable('month')
          and universe = getvariable('universe')
          and exists (
              select 1 from marts.rpt_mega_rounds
              where universe = getvariable('universe') and rounds > 0
          )
    order by quarter_start
    """,
)
def mega_rounds(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw dollars of mega-rounds by quarter, with their number above each bar."""
    most, last = rows.sort_values("raised_usd").iloc[-1], rows.iloc[-1]
    base = alt.Chart().encode(
        x=alt.X("utcyearquarter(quarter_start):T", bandPosition=0.5).axis(
            title=None, grid=False, format="%Y", tickCount="year"
        ),
        y=alt.Y("raised_usd:Q", axis=money(tickCount=5)),
        tooltip=tips(rows),
    )
    return Drawing(
        alt.layer(
            base.mark_bar(binSpacing=1),
            base.mark_text(dy=-7, fontSize=11).encode(text="rounds:Q"),
        ),
        f"Bars are dollars, the numbers above them are rounds. The quarter from "
        f"{day(most['quarter_start'])} had {most['rounds']} rounds with "
        f"{dollars(most['raised_usd'])}, the last complete one {last['rounds']} with "
        f"{dollars(last['raised_usd'])}, {percent(last['share_of_all'])} of all its dollars.",
        "Are rounds of $100MM and more rare?",
    )


@drawn_from(
    "marts.fct_funding_rounds",
    """
    select rounds.announced_on, companies.company, companies.layer, rounds.round_type,
           rounds.amount_usd, rounds.evidence, rounds.source_url
    from marts.fct_funding_rounds as rounds
    inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
    where rounds.is_mega_round and rounds.announced_on >= getvariable('charted_from')
    order by rounds.announced_on, rounds.round_id
    """,
)
def each_mega_round(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw every mega-round by day and amount; a point leads to its source."""
    largest = rows.sort_values("amount_usd").iloc[-1]
    points = (
        alt.Chart()
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=days("announced_on"),
            y=alt.Y("amount_usd:Q", axis=money(values=[1e8, 1e9, 1e10, 1e11])).scale(type="log"),
            color=coloured("layer", LAYERS),
            shape=alt.Shape("layer:N", legend=WORDS).scale(domain=list(LAYERS)),
            href="source_url:N",
            tooltip=tips(rows),
        )
    )
    return Drawing(
        alt.layer(partial(context.month, rows["announced_on"].max()), points),
        f"{len(rows)} rounds; the largest is {largest['company']}'s "
        f"{dollars(largest['amount_usd'])} of {day(largest['announced_on'])}. A point opens the "
        f"round's source, where it has one. {context.partial_note}",
        "Which rounds of $100MM and more were there?",
    )


@drawn_from(
    "marts.rpt_funding_pace",
    """
    select as_of_month, raised_usd, ytd_usd, prior_year_usd, ytd_multiple, same_months_multiple
    from marts.rpt_funding_pace
    where as_of_month between getvariable('charted_from') and getvariable('month')
          and universe = getvariable('universe')
    order by as_of_month
    """,
)
def funding_pace(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the year to date by month, a line a year."""
    years = sorted(set(rows["as_of_month"].str[:4]))
    colours = dict.fromkeys(years, "grey") | dict(
        zip(years[-3:], ("orange", "green", "blue")[-len(years) :], strict=True)
    )
    year = alt.Chart().transform_calculate(year="'' + utcyear(datum.as_of_month)")
    lines = year.encode(
        x=alt.X("utcmonth(as_of_month):T").axis(title=None, grid=False, format="%b"),
        y=alt.Y("ytd_usd:Q", axis=money(tickCount=5)),
        color=coloured("year", colours).legend(None),
    )
    last = rows["as_of_month"].iloc[-1]
    ends = f"utcmonth(datum.as_of_month) == 11 || datum.as_of_month == '{last}'"
    labels = lines.transform_filter(ends).mark_text(align="right", dx=-8, dy=-8, fontWeight="bold")
    return Drawing(
        alt.layer(
            lines.mark_line(), hover(lines, rows, opacity=1), labels.encode(text="year:N")
        ).properties(height=320),
        "Each line is a year; its end is the year's total, or what had been raised so far.",
    )


@drawn_from(
    "marts.rpt_round_sizes",
    """
    select quarter_start, universe, size_band, rounds, share_of_rounds, share_of_usd
    from marts.rpt_round_sizes
    where quarter_start between getvariable('charted_from') and getvariable('month')
          and (universe = getvariable('universe') or rounds is null)
    order by quarter_start, universe, size_band
    """,
)
def round_sizes(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw shares of rounds by size as of a quarter, with published figures of venture capital."""
    own = context.scope.universe
    published = rows[rows["universe"] != own]
    quarter = (rows if published.empty else published)["quarter_start"].max()
    said = "; ".join(
        f"{percent(row.share_of_rounds)} {row.size_band.replace('_', ' ')} ({row.universe})"
        for row in published.itertuples()
    )
    ours = rows[(rows["quarter_start"] == quarter) & (rows["universe"] == own)]
    small = ours.loc[ours["size_band"] == "up_to_10m", "share_of_rounds"].sum()
    legend = alt.Legend(labelExpr=IN_WORDS, columns=1)
    universes = [own, *sorted(set(published["universe"]))]
    base = alt.Chart().encode(
        x=alt.X("share_of_rounds:Q", axis=share()),
        y=alt.Y("size_band:N", sort=BANDS).axis(title=None, labelExpr=IN_WORDS),
        color=coloured("universe", dict(zip(universes, COLOURS, strict=False)), legend),
        tooltip=tips(rows.columns[1:]),
    )
    return Drawing(
        alt.layer(
            base.transform_filter(f"datum.universe == '{own}'").mark_bar(),
            base.transform_filter(f"datum.universe != '{own}'").mark_point(
                filled=True, size=140, opacity=1, shape="diamond"
            ),
            base.mark_text(align="left", dx=9).encode(
                text=alt.Text("share_of_rounds:Q", format=".1%"), color=alt.value("currentColor")
            ),
        )
        .transform_filter("isValid(datum.share_of_rounds)")
        .properties(height=alt.Step(32)),
        f"In the quarter from {day(quarter)}, {percent(small)} of the disclosed rounds were of up "
        f"to $10MM. Published figures stand in the quarter they speak of: {said or 'none'}.",
        "Are GenAI rounds larger than venture rounds?",
        slider="quarter_start",
        starts=quarter,
    )
