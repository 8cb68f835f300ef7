"""The report's charts of rounds: valuations, mega-rounds, pace and sizes.

Belongs here: which rows of a mart each chart shows, how, and what they say. Not here: arithmetic
(a mart holds every figure), what all charts share (encoding.py), their order (charts.py).
"""

from __future__ import annotations

import altair as alt

from orchestration.report.figures import Drawing, Facts, Row, drawn_from
from orchestration.report.formats import day
from orchestration.report.headline import dollars, percent
from orchestration.report.vega_style import (
    ACCESS,
    BANDS,
    IN_WORDS,
    LAYERS,
    PARTIAL,
    WORDS,
    coloured,
    days,
    first,
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
    where ladder.layer = 'model_platform' and ladder.as_of_month >= date '2021-01-01'
    order by ladder.as_of_month, ladder.rank_in_layer, ladder.company
    """,
)
def valuations(rows: list[Row], facts: Facts) -> Drawing:
    """Draw the ladder of last known valuations in the model layer, each from low to high."""
    top = [row for row in rows if row["as_of_month"] == facts.complete_to][:3]
    named = ", ".join(f"{row['company']} ({row['model_access']})" for row in top)
    base = alt.Chart().encode(
        x=alt.X("valuation_low_usd:Q", axis=money(tickCount=4)).scale(type="log"),
        y=alt.Y("company:N", title=None).sort(field="rank_in_layer", op="min"),
        color=coloured("model_access", {name: look[0] for name, look in ACCESS.items()}),
        href="source_url:N",
        tooltip=tips(*list(rows[0])[1:]),
    )
    shapes = alt.Scale(domain=list(ACCESS), range=[look[1] for look in ACCESS.values()])
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        shape=alt.Shape("model_access:N").scale(shapes)
    )
    return Drawing(
        "Who is valued highest, and are their models closed?",
        f"The most highly valued model companies on {day(facts.complete_to)}: {named}.",
        alt.layer(
            base.mark_rule(strokeWidth=5).encode(x2="valuation_high_usd:Q"),
            point,
            point.encode(x="valuation_high_usd:Q"),
        ).properties(height=alt.Step(24)),
        moves="as_of_month",
    )


@drawn_from(
    "marts.rpt_mega_rounds",
    """
    select quarter_start, rounds, raised_usd, share_of_all, share_of_rounds, times_average_round
    from marts.rpt_mega_rounds
    where quarter_start between date '2018-01-01' and getvariable('complete_to')
    order by quarter_start
    """,
)
def mega_rounds(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw dollars of mega-rounds by quarter, with their number above each bar."""
    most, last = max(rows, key=lambda row: row["raised_usd"]), rows[-1]
    base = alt.Chart().encode(
        x=alt.X("utcyearquarter(quarter_start):T", bandPosition=0.5).axis(
            title=None, grid=False, format="%Y", tickCount="year"
        ),
        y=alt.Y("raised_usd:Q", axis=money(tickCount=5)),
        tooltip=tips(*rows[0]),
    )
    return Drawing(
        "Are rounds of $100MM and more rare?",
        f"Bars are dollars, the numbers above them are rounds. The quarter from "
        f"{day(most['quarter_start'])} had {most['rounds']} rounds with "
        f"{dollars(most['raised_usd'])}, the last complete one {last['rounds']} with "
        f"{dollars(last['raised_usd'])}, {percent(last['share_of_all'])} of all its dollars.",
        alt.layer(
            base.mark_bar(binSpacing=1),
            base.mark_text(dy=-7, fontSize=11).encode(text="rounds:Q"),
        ),
    )


@drawn_from(
    "marts.fct_funding_rounds",
    """
    select rounds.announced_on, companies.company, companies.layer, rounds.round_type,
           rounds.amount_usd, rounds.evidence, rounds.source_url
    from marts.fct_funding_rounds as rounds
    inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
    where rounds.is_mega_round and rounds.announced_on >= date '2018-01-01'
    order by rounds.announced_on, rounds.round_id
    """,
)
def each_mega_round(rows: list[Row], facts: Facts) -> Drawing:
    """Draw every mega-round by day and amount; a point leads to its source."""
    largest = max(rows, key=lambda row: row["amount_usd"])
    points = (
        alt.Chart()
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=days("announced_on"),
            y=alt.Y("amount_usd:Q", axis=money(values=[1e8, 1e9, 1e10, 1e11])).scale(type="log"),
            color=coloured("layer", LAYERS),
            shape=alt.Shape("layer:N", legend=WORDS).scale(domain=list(LAYERS)),
            href="source_url:N",
            tooltip=tips(*rows[0]),
        )
    )
    return Drawing(
        "Which rounds of $100MM and more were there?",
        f"{len(rows)} rounds; the largest is {largest['company']}'s "
        f"{dollars(largest['amount_usd'])} of {day(largest['announced_on'])}. A point opens the "
        f"round's source, where it has one. {PARTIAL}",
        alt.layer(partial(rows, facts, "announced_on"), points),
    )


@drawn_from(
    "marts.rpt_funding_pace",
    """
    select as_of_month, raised_usd, ytd_usd, prior_year_usd, ytd_multiple, same_months_multiple
    from marts.rpt_funding_pace
    where as_of_month between date '2018-01-01' and getvariable('complete_to')
    order by as_of_month
    """,
)
def funding_pace(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw the year to date by month, a line a year."""
    april = first(rows, as_of_month="2023-04-30") or rows[-1]
    years = sorted({row["as_of_month"][:4] for row in rows})
    colours = dict.fromkeys(years, "grey") | dict(
        zip(years[-3:], ("orange", "green", "blue"), strict=False)
    )
    year = alt.Chart().transform_calculate(year="'' + utcyear(datum.as_of_month)")
    lines = year.encode(
        x=alt.X("utcmonth(as_of_month):T").axis(title=None, grid=False, format="%b"),
        y=alt.Y("ytd_usd:Q", axis=money(tickCount=5)),
        color=coloured("year", colours).legend(None),
    )
    ends = f"utcmonth(datum.as_of_month) == 11 || datum.ytd_usd == {rows[-1]['ytd_usd']}"
    return Drawing(
        "How fast did the money come, year by year?",
        f"By {day(april['as_of_month'])}, {dollars(april['ytd_usd'])} had been raised in the year: "
        f"{april['ytd_multiple'] or 0:.1f} times all of the year before. Each line is a year; "
        "its end is the year's total, or what had been raised so far.",
        alt.layer(
            lines.mark_line(),
            hover(lines, rows[0], opacity=1),
            lines.transform_filter(ends)
            .mark_text(align="right", dx=-8, dy=-8, fontWeight="bold")
            .encode(text="year:N"),
        ).properties(height=320),
    )


@drawn_from(
    "marts.rpt_round_sizes",
    """
    select quarter_start, universe, size_band, rounds, share_of_rounds, share_of_usd
    from marts.rpt_round_sizes
    where quarter_start between date '2018-01-01' and getvariable('complete_to')
    order by quarter_start, universe, size_band
    """,
)
def round_sizes(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw shares of rounds by size as of a quarter, with published figures of venture capital."""
    published = [row for row in rows if row["universe"] != "genai"]
    quarter = max(row["quarter_start"] for row in published or rows)
    said = "; ".join(
        f"{percent(row['share_of_rounds'])} {row['size_band'].replace('_', ' ')} "
        f"({row['universe']})"
        for row in published
    )
    ours = first(rows, quarter_start=quarter, universe="genai", size_band="up_to_10m")
    legend = alt.Legend(labelExpr=IN_WORDS, columns=1)
    universes = ["genai", *sorted({row["universe"] for row in published})]
    colours = ("blue", "orange", "green", "purple")
    base = alt.Chart().encode(
        x=alt.X("share_of_rounds:Q", axis=share()),
        y=alt.Y("size_band:N", sort=BANDS).axis(title=None, labelExpr=IN_WORDS),
        color=coloured("universe", dict(zip(universes, colours, strict=False)), legend),
        tooltip=tips(*list(rows[0])[1:]),
    )
    return Drawing(
        "Are GenAI rounds larger than venture rounds?",
        f"In the quarter from {day(quarter)}, {percent(ours.get('share_of_rounds'))} of the "
        f"disclosed GenAI rounds were of up to $10MM. Published: {said or 'nothing to compare'}. "
        "Published figures stand in the quarter they speak of.",
        alt.layer(
            base.transform_filter("datum.universe == 'genai'").mark_bar(),
            base.transform_filter("datum.universe != 'genai'").mark_point(
                filled=True, size=140, opacity=1, shape="diamond"
            ),
            base.mark_text(align="left", dx=9).encode(
                text=alt.Text("share_of_rounds:Q", format=".1%"), color=alt.value("currentColor")
            ),
        )
        .transform_filter("isValid(datum.share_of_rounds)")
        .properties(height=alt.Step(32)),
        moves="quarter_start",
        starts=quarter,
    )
