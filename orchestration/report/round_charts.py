"""The report's charts of rounds: valuations, mega-rounds, pace and sizes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, dollars, percent


@drawn_from(
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
    """
)
def valuations(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the ladder of last known valuations in the model layer, each from low to high."""
    last = rows[rows["as_of_month"] == rows["as_of_month"].max()]
    named = ", ".join(f"{row.company} ({row.model_access})" for row in last.head(3).itertuples())
    return Drawing(
        style.ranges(
            style.entities("company", "rank_in_layer", rows.iloc[:, 1:]),
            "valuation_low_usd",
            "valuation_high_usd",
            style.money(tickCount=4),
            color=style.coloured("model_access", style.ACCESS),
            shape=style.shaped("model_access", style.ACCESS),
            href="source_url:N",
        ),
        f"The most highly valued model companies on {day(last['as_of_month'].iloc[0])}, with the "
        f"access to their models: {named}.",
        "Who is valued highest, and are their models closed?",
        slider="as_of_month",
    )


@drawn_from(
    """
    select quarter_start, rounds, raised_usd, share_of_all, share_of_rounds, times_average_round
    from marts.rpt_mega_rounds
    where universe = getvariable('universe') and quarter_start >= getvariable('charted_from')
          and last_day(quarter_start + interval 2 month) <= getvariable('month')
    qualify max(rounds) over () > 0
    order by quarter_start
    """
)
def mega_rounds(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw dollars of mega-rounds by quarter, with their number above each bar."""
    most, last = rows.sort_values("raised_usd").iloc[-1], rows.iloc[-1]
    quarters = alt.X("utcyearquarter(quarter_start):T", bandPosition=0.5)
    base = alt.Chart().encode(
        x=quarters.axis(title=None, grid=False, format="%Y", tickCount="year"),
        y=alt.Y("raised_usd:Q", axis=style.money(tickCount=5)),
        tooltip=style.tips(rows),
    )
    return Drawing(
        alt.layer(
            base.mark_bar(binSpacing=1),
            base.mark_text(dy=-7, fontSize=11).encode(text="rounds:Q"),
        ),
        f"Bars are dollars, the numbers above them are rounds. The quarter from "
        f"{day(most['quarter_start'])} had {most['rounds']} rounds with "
        f"{dollars(most['raised_usd'])}, the last complete one {last['rounds']} with "
        f"{dollars(last['raised_usd'])}, {percent(last['share_of_all'])} of all its dollars "
        f"({context.scope.title}).",
        "Are rounds of $100MM and more rare?",
    )


@drawn_from(
    """
    select rounds.announced_on, companies.company, companies.layer, rounds.round_type,
           rounds.amount_usd, rounds.evidence, rounds.source_url, complete.complete_to
    from marts.fct_funding_rounds as rounds
    inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
    cross join (
        -- Of rounds of this size; universes of some companies, layers or evidence don't say it.
        select greatest(getvariable('month'), max(last_complete_month)) as complete_to
        from marts.dim_universes
        where coalesce(smallest_round_usd, 0)
              <= (select min(amount_usd) from marts.fct_funding_rounds where is_mega_round)
              and founded_from_year is null and founded_to_year is null
              and left_out_layers is null and genai_fit is null and evidence is null
    ) as complete
    where rounds.is_mega_round and rounds.announced_on >= getvariable('charted_from')
    order by rounds.announced_on, rounds.round_id
    """
)
def each_mega_round(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw every mega-round by day and amount; a point leads to its source."""
    largest = rows.sort_values("amount_usd").iloc[-1]
    until, complete_to = rows["announced_on"].max(), rows["complete_to"].iloc[0]
    amounts = alt.Y("amount_usd:Q", axis=style.money(values=[1e8, 1e9, 1e10, 1e11]))
    points = alt.Chart().encode(
        x=style.days("announced_on"),
        y=amounts.scale(type="log"),
        color=style.coloured("layer", style.LAYERS),
        shape=style.shaped("layer", style.LAYERS),
        href="source_url:N",
        tooltip=style.tips(rows.columns[:-1]),
    )
    layers = [points.mark_point(filled=True, size=60, opacity=0.8)]
    shaded = ""
    if until > complete_to:
        span = alt.InlineData(values=[{"from": complete_to, "to": until}])
        partial = alt.Chart(span).encode(x=style.days("from"), x2="to:T")
        layers.insert(0, partial.mark_rect(color="currentColor", opacity=0.08))
        shaded = f"Shaded, after {day(complete_to)}: only a part of them is in the data."
    return Drawing(
        alt.layer(*layers),
        f"{len(rows)} rounds; the largest is {largest['company']}'s "
        f"{dollars(largest['amount_usd'])} of {day(largest['announced_on'])}. A point opens the "
        f"round's source, where it has one. {shaded}",
        "Which rounds of $100MM and more were there?",
    )


@drawn_from(
    """
    select * exclude (universe, is_complete)
    from marts.rpt_funding_pace
    where universe = getvariable('universe')
          and as_of_month between getvariable('charted_from') and getvariable('month')
    order by as_of_month
    """
)
def funding_pace(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the year to date by month, a line a year."""
    years = sorted(set(rows["as_of_month"].str[:4]))
    colours = dict.fromkeys(years, "grey") | dict(
        zip(years[-3:], ("orange", "green", "blue")[-len(years) :], strict=True)
    )
    lines = alt.Chart().transform_calculate(year="'' + utcyear(datum.as_of_month)")
    lines = lines.encode(
        x=alt.X("utcmonth(as_of_month):T").axis(title=None, grid=False, format="%b"),
        y=alt.Y("ytd_usd:Q", axis=style.money(tickCount=5)),
        color=style.coloured("year", colours, legend=None),
    )
    ends = f"utcmonth(datum.as_of_month) == 11 || datum.ytd_usd == {rows['ytd_usd'].iloc[-1]}"
    labels = lines.transform_filter(ends).mark_text(align="right", dx=-8, dy=-8, fontWeight="bold")
    return Drawing(
        alt.layer(
            lines.mark_line(), style.hover(lines, rows, opacity=1), labels.encode(text="year:N")
        ).properties(height=320),
        "Each line is a year; its end is the year's total, or what had been raised so far.",
    )


@drawn_from(
    """
    select sizes.quarter_start, coalesce(universes.title, sizes.universe) as universe_title,
           universes.universe is null as is_published, sizes.size_band, sizes.rounds,
           sizes.share_of_rounds, sizes.share_of_usd
    from marts.rpt_round_sizes as sizes
    left join marts.dim_universes as universes on sizes.universe = universes.universe
    where coalesce(universes.is_headline, true) and sizes.share_of_rounds is not null
          and sizes.quarter_start >= getvariable('charted_from')
          and last_day(sizes.quarter_start + interval 2 month) <= getvariable('month')
    order by sizes.quarter_start, universe_title, sizes.size_band
    """
)
def round_sizes(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw shares of rounds by size as of a quarter, with published figures of venture capital."""
    published = rows[rows["is_published"]]
    quarter = (rows if published.empty else published)["quarter_start"].max()
    said = "; ".join(
        f"{percent(row.share_of_rounds)} {row.size_band.replace('_', ' ')} ({row.universe_title})"
        for row in published.itertuples()
    )
    ours = rows[(rows["quarter_start"] == quarter) & ~rows["is_published"]]
    small = ours.loc[ours["size_band"] == "up_to_10m", "share_of_rounds"].sum()
    universes = [context.scope.title, *sorted(set(published["universe_title"]))]
    colours = dict(zip(universes, style.COLOURS, strict=False))
    base = alt.Chart().encode(
        x=alt.X("share_of_rounds:Q", axis=style.share()),
        y=alt.Y("size_band:N", sort=style.BANDS).axis(title=None, labelExpr=style.IN_WORDS),
        color=style.coloured("universe_title", colours, alt.Legend(columns=1)),
        tooltip=style.tips(rows.columns[1:]),
    )
    figures = base.mark_text(align="left", dx=9).encode(
        text=alt.Text("share_of_rounds:Q", format=".1%"), color=alt.value("currentColor")
    )
    layers = [base.transform_filter("!datum.is_published").mark_bar(), figures]
    if not published.empty:
        diamonds = base.transform_filter("datum.is_published")
        layers += [diamonds.mark_point(filled=True, size=140, opacity=1, shape="diamond")]
    return Drawing(
        alt.layer(*layers).properties(height=alt.Step(32)),
        f"In the quarter from {day(quarter)}, {percent(small)} of the disclosed rounds were of up "
        f"to $10MM ({context.scope.title}). Published figures stand in the quarter they speak of: "
        f"{said or 'none'}.",
        "How large are the rounds, and how large in all venture capital?",
        slider="quarter_start",
        starts=quarter,
    )
