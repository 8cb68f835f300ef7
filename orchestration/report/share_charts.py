"""The report's charts of who holds how much: layers, concentration and OpenAI.

Belongs here: which rows of a mart each chart shows, how, and what they say. Not here: arithmetic
(a mart holds every figure), what all charts share (encoding.py), their order (charts.py).
"""

from __future__ import annotations

import altair as alt

from orchestration.report.figures import Drawing, Facts, Row, drawn_from
from orchestration.report.formats import day
from orchestration.report.headline import ARTICLE_MONTH, percent
from orchestration.report.vega_style import (
    COHORTS,
    EXCLUSIONS,
    IN_WORDS,
    LAYERS,
    PARTIAL,
    STROKES,
    coloured,
    dashed,
    days,
    first,
    hover,
    mark,
    partial,
    share,
    tips,
)

LAYER_SHARES = """
select as_of_month, cohort, layer, raised_usd, share, companies, rounds, undisclosed_rounds,
       cited_share
from marts.rpt_layer_share
where as_of_month between date '2018-01-01' and getvariable('complete_to')
order by as_of_month, cohort, layer
"""


@drawn_from("marts.rpt_layer_share", LAYER_SHARES)
def layer_share(rows: list[Row], facts: Facts) -> Drawing:
    """Draw each layer's share in both cohorts as of a month."""
    models, mlops = (
        first(rows, as_of_month=facts.complete_to, cohort="founded_2013_or_later", layer=layer)
        for layer in ("model_platform", "mlops")
    )
    base = alt.Chart().encode(
        x=alt.X("share:Q", axis=share()),
        y=alt.Y("layer:N", sort=list(LAYERS)).axis(title=None, labelExpr=IN_WORDS),
        yOffset=alt.YOffset("cohort:N", sort=list(COHORTS)),
        color=coloured("cohort", COHORTS),
        tooltip=tips(*list(rows[0])[1:]),
    )
    return Drawing(
        "Which layer gets the money?",
        f"Of companies founded in 2013 or later, model platforms held "
        f"{percent(models.get('share'))} and MLOps {percent(mlops.get('share'))} of all equity "
        f"raised to {day(facts.complete_to)}.",
        alt.layer(
            base.mark_bar(),
            base.mark_text(align="left", dx=4, color="currentColor").encode(
                text=alt.Text("share:Q", format=".1%"), color=alt.value("currentColor")
            ),
        ).properties(height=alt.Step(18)),
        moves="as_of_month",
    )


@drawn_from("marts.rpt_layer_share", LAYER_SHARES)
def layer_share_over_time(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw the layers' shares as a stack through time, for the cohort that the reader chooses."""
    cohort = alt.param(
        name="cohort",
        value="founded_2013_or_later",
        bind=alt.binding_radio(
            name="Companies: ", options=list(COHORTS), labels=["founded 2013 or later", "all"]
        ),
    )
    stack = (
        alt.Chart()
        .transform_calculate(position=f"indexof({list(LAYERS)}, datum.layer)")
        .encode(
            x=days("as_of_month"),
            y=alt.Y("share:Q", axis=share(), stack="zero").scale(domain=[0, 1]),
            color=coloured("layer", LAYERS),
            order="position:O",
        )
    )
    return Drawing(
        "How did the layers' shares move?",
        "Shares of all equity raised up to each month; every month counts all months before it.",
        alt.layer(stack.mark_area(), hover(stack, rows[0]))
        .add_params(cohort)
        .transform_filter("datum.cohort == cohort"),
    )


@drawn_from(
    "marts.rpt_layer_share_sensitivity",
    """
    select founded_from_year, exclusion, share, raised_usd, undisclosed_rounds, unknown_year_usd
    from marts.rpt_layer_share_sensitivity
    where as_of_month = getvariable('complete_to') and share is not null
    order by exclusion, founded_from_year
    """,
)
def sensitivity(rows: list[Row], facts: Facts) -> Drawing:
    """Draw the share of model platforms and MLOps under every cut-off year and exclusion."""
    low, high = (pick(rows, key=lambda row: row["share"]) for pick in (min, max))
    years = alt.Axis(
        title="companies founded in this year or later", format="d", grid=False, tickCount=8
    )
    base = alt.Chart().encode(
        x=alt.X("founded_from_year:Q", axis=years).scale(zero=False, nice=False),
        y=alt.Y("share:Q", axis=share()).scale(zero=False),
        color=coloured("exclusion", EXCLUSIONS, STROKES),
    )
    return Drawing(
        "How firm is the claim of 70%?",
        f"On {day(facts.complete_to)} the share of model platforms and MLOps is between "
        f"{percent(low['share'])} ({_choice(low)}) and {percent(high['share'])} ({_choice(high)}). "
        "“None” leaves nothing out; “recalled” leaves out rounds without a source; “alternative "
        "layers” counts companies in their other defensible layer.",
        alt.layer(
            base.mark_line().encode(strokeDash=dashed("exclusion", EXCLUSIONS)),
            hover(base, rows[0], opacity=1),
            mark("y", facts.claimed.get("model_mlops_share_2013"), "as claimed"),
        ).properties(height=320),
    )


def _choice(row: Row) -> str:
    return f"{row['exclusion'].replace('_', ' ')}, founded {row['founded_from_year']} or later"


@drawn_from(
    "marts.rpt_lorenz_curve",
    """
    select curve.as_of_month, curve.held_usd, curve.share_of_companies, curve.share_of_usd
    from marts.rpt_lorenz_curve as curve
    inner join marts.dim_months as months on curve.as_of_month = months.as_of_month
    where curve.layer = 'model_platform' and curve.cohort = 'all'
          and curve.as_of_month >= date '2018-01-01' and month(curve.as_of_month) in (6, 12)
    order by curve.as_of_month, curve.share_of_companies
    """,
)
def lorenz_curve(rows: list[Row], _facts: Facts) -> Drawing:
    """Draw the Lorenz curve of the model layer as of a month, beside the line of equal shares."""
    x = alt.X("share_of_companies:Q", axis=share("share of companies"))
    y = alt.Y("share_of_usd:Q", axis=share("share of dollars"))
    curve = alt.Chart().encode(x=x, y=y)
    equal = alt.InlineData(values=[{"share_of_companies": n, "share_of_usd": n} for n in (0, 1)])
    return Drawing(
        "How unequal is the model layer?",
        "Companies from the smallest to the largest: the further the curve hangs below the dashed "
        "line of equal shares, the fewer companies hold the dollars.",
        alt.layer(
            alt.Chart(equal).mark_line(strokeDash=[4, 3], color="currentColor").encode(x=x, y=y),
            curve.mark_line(),
            hover(curve, list(rows[0])[1:], opacity=1),
        ),
        moves="as_of_month",
    )


@drawn_from(
    "marts.rpt_concentration",
    """
    select as_of_month, raised_usd, companies, hhi, top_1_share, top_3_share, top_5_share,
           top_10_share, gini, effective_companies, closed_share, open_share
    from marts.rpt_concentration
    where layer = 'model_platform' and cohort = 'all' and as_of_month >= date '2018-01-01'
    order by as_of_month
    """,
)
def concentration(rows: list[Row], facts: Facts) -> Drawing:
    """Draw the shares of the largest 1, 3, 5 and 10 companies of the model layer through time."""
    now = first(rows, as_of_month=facts.complete_to) or rows[-1]
    tops = {"top_1_share": "blue", "top_3_share": "orange", "top_5_share": "green"} | {
        "top_10_share": "purple"
    }
    base = (
        alt.Chart()
        .transform_fold(list(tops), as_=["largest", "held"])
        .encode(
            x=days("as_of_month"),
            y=alt.Y("held:Q", axis=share()).scale(domain=[0, 1]),
            color=coloured("largest", tops, STROKES),
        )
    )
    return Drawing(
        "How much do the largest model companies hold?",
        f"On {day(now['as_of_month'])} the largest of {now['companies']:,} held "
        f"{percent(now['top_1_share'])} of the layer's dollars and the three largest "
        f"{percent(now['top_3_share'])}; the index of concentration (HHI) was {now['hhi']:,.0f} "
        f"of 10,000, as if {now['effective_companies']:.1f} equal companies shared it. {PARTIAL}",
        alt.layer(
            partial(rows, facts),
            base.mark_line().encode(strokeDash=dashed("largest", tops)),
            hover(base, rows[0]),
        ),
    )


@drawn_from(
    "marts.rpt_company_share",
    """
    select as_of_month, cohort, company, raised_usd, share_of_all, share_of_layer, rank_in_layer
    from marts.rpt_company_share
    where company_id = 'openai' and as_of_month >= date '2018-01-01'
    order by as_of_month, cohort
    """,
)
def company_share(rows: list[Row], facts: Facts) -> Drawing:
    """Draw OpenAI's share of all dollars through time, with the month and value of the claim."""
    then = {row["cohort"]: row for row in rows if row["as_of_month"] == f"{ARTICLE_MONTH}"}
    shares = [percent(then.get(cohort, {}).get("share_of_all")) for cohort in COHORTS]
    base = alt.Chart().encode(
        x=days("as_of_month"),
        y=alt.Y("share_of_all:Q", axis=share()),
        color=coloured("cohort", COHORTS, STROKES),
    )
    return Drawing(
        "Did OpenAI hold half of all GenAI money in February 2023?",
        f"On {day(f'{ARTICLE_MONTH}')} it held {shares[1]} of the dollars of all companies, and "
        f"{shares[0]} of those of companies founded in 2013 or later. {PARTIAL}",
        alt.layer(
            partial(rows, facts),
            base.mark_line().encode(strokeDash=dashed("cohort", COHORTS)),
            hover(base, rows[0]),
            mark("x", f"{ARTICLE_MONTH}", "February 2023"),
            mark("y", facts.claimed.get("openai_cumulative_feb_2023"), "as claimed: close to 50%"),
        ),
    )
