"""The report's charts of who holds how much: layers, concentration, the largest company.

Belongs here: which rows of a mart each chart shows, how, and what they say. Not here: arithmetic
(a mart holds every figure), what all charts share (vega_style.py), their order (page.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, percent
from orchestration.report.vega_style import (
    IN_WORDS,
    LAYERS,
    STROKES,
    UNIVERSES,
    YOUNGER_OR_ALL,
    coloured,
    dashed,
    days,
    hover,
    partial,
    reference_line,
    share,
    tips,
)

# Nothing to compare where no market map says in which layer a company is.
LAYER_SHARES = """
select as_of_month, universe, layer, raised_usd, share, companies, rounds, undisclosed_rounds,
       cited_share
from marts.rpt_layer_share
where as_of_month between getvariable('charted_from') and getvariable('month')
      and universe in ('genai', 'genai_2013') and exists (
          select 1 from marts.rpt_layer_share where layer <> 'unknown' and raised_usd > 0
      )
order by as_of_month, universe, layer
"""


@drawn_from("marts.rpt_layer_share", LAYER_SHARES)
def layer_share(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw each layer's share of all companies and of the younger ones as of a month."""
    base = alt.Chart().encode(
        x=alt.X("share:Q", axis=share()),
        y=alt.Y("layer:N", sort=list(LAYERS)).axis(title=None, labelExpr=IN_WORDS),
        yOffset=alt.YOffset("universe:N", sort=list(YOUNGER_OR_ALL)),
        color=coloured("universe", YOUNGER_OR_ALL),
        tooltip=tips(rows.columns[1:]),
    )
    figures = base.mark_text(align="left", dx=4, color="currentColor").encode(
        text=alt.Text("share:Q", format=".1%"), color=alt.value("currentColor")
    )
    return Drawing(
        alt.layer(base.mark_bar(), figures).properties(height=alt.Step(18)), slider="as_of_month"
    )


@drawn_from("marts.rpt_layer_share", LAYER_SHARES)
def layer_share_over_time(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the layers' shares as a stack through time, for the universe that the reader chooses."""
    universe = alt.param(
        name="universe",
        value=context.scope.universe,
        bind=alt.binding_radio(
            name="Companies: ",
            options=list(YOUNGER_OR_ALL),
            labels=["founded 2013 or later", "all"],
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
        alt.layer(stack.mark_area(), hover(stack, rows))
        .add_params(universe)
        .transform_filter("datum.universe == universe"),
        "Shares of all equity raised up to each month; every month counts all months before it.",
        "How did the layers' shares move?",
    )


@drawn_from(
    "marts.rpt_layer_share_sensitivity",
    """
    select founded_from_year, universe, share, share_in_alternative_layers, raised_usd,
           undisclosed_rounds, unknown_year_usd
    from marts.rpt_layer_share_sensitivity
    where as_of_month = getvariable('month') and share is not null
          and universe in ('genai', 'genai_2013_without_infrastructure', 'without_largest_round',
                           'genai_core', 'mega_rounds', 'cited_only')
    order by universe, founded_from_year
    """,
)
def sensitivity(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the share of model platforms and MLOps by cut-off year in several universes."""
    by_share = rows.sort_values("share")
    low, high = by_share.iloc[0], by_share.iloc[-1]
    years = alt.Axis(
        title="companies founded in this year or later", format="d", grid=False, tickCount=8
    )
    base = alt.Chart().encode(
        x=alt.X("founded_from_year:Q", axis=years).scale(zero=False, nice=False),
        y=alt.Y("share:Q", axis=share()).scale(zero=False),
        color=coloured("universe", UNIVERSES, STROKES),
    )
    return Drawing(
        alt.layer(
            base.mark_line().encode(strokeDash=dashed("universe", UNIVERSES)),
            hover(base, rows, opacity=1),
            reference_line("y", context.claimed("model_and_mlops_share")),
        ).properties(height=320),
        f"On {day(context.month)} the share of model platforms and MLOps is between "
        f"{percent(low['share'])} ({_choice(low)}) and {percent(high['share'])} ({_choice(high)}). "
        "Each line is a universe; “share in alternative layers” counts companies in their other "
        "defensible layer.",
        "How much does the share depend on where lines are drawn?",
    )


def _choice(row: Any) -> str:
    return f"{row['universe'].replace('_', ' ')}, founded {row['founded_from_year']} or later"


@drawn_from(
    "marts.rpt_lorenz_curve",
    """
    select as_of_month, held_usd, share_of_companies, share_of_usd
    from marts.rpt_lorenz_curve
    where layer = getvariable('layer') and universe = getvariable('universe')
          and as_of_month between getvariable('charted_from') and getvariable('month')
          and (month(as_of_month) in (6, 12) or as_of_month = getvariable('month'))
    order by as_of_month, share_of_companies
    """,
)
def lorenz_curve(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the Lorenz curve of the layer as of a month, beside the line of equal shares."""
    x = alt.X("share_of_companies:Q", axis=share("share of companies"))
    y = alt.Y("share_of_usd:Q", axis=share("share of dollars"))
    curve = alt.Chart().encode(x=x, y=y)
    equal = alt.InlineData(values=[{"share_of_companies": n, "share_of_usd": n} for n in (0, 1)])
    return Drawing(
        alt.layer(
            alt.Chart(equal).mark_line(strokeDash=[4, 3], color="currentColor").encode(x=x, y=y),
            curve.mark_line(),
            hover(curve, rows.columns[1:], opacity=1),
        ),
        "Companies from the smallest to the largest: the further the curve hangs below the dashed "
        "line of equal shares, the fewer companies hold the dollars.",
        f"How unequally is money spread in {context.scope.layer_title}?",
        slider="as_of_month",
    )


@drawn_from(
    "marts.rpt_concentration",
    """
    select as_of_month, raised_usd, companies, hhi, top_1_share, top_3_share, top_5_share,
           top_10_share, gini, effective_companies, closed_share, open_share
    from marts.rpt_concentration
    where layer = getvariable('layer') and universe = getvariable('universe')
          and as_of_month >= getvariable('charted_from')
    order by as_of_month
    """,
)
def concentration(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the shares of the largest 1, 3, 5 and 10 companies of the layer through time."""
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
        alt.layer(
            partial(context.month, rows["as_of_month"].max()),
            base.mark_line().encode(strokeDash=dashed("largest", tops)),
            hover(base, rows),
        ),
    )


@drawn_from(
    "marts.rpt_company_share",
    """
    select as_of_month, universe, company, raised_usd, share_of_all, share_of_layer, rank_in_layer
    from marts.rpt_company_share
    where as_of_month >= getvariable('charted_from')
    and universe in (getvariable('universe'), 'genai_2013') and company_id = (
        select company_id from marts.rpt_company_share
        where as_of_month = getvariable('month') and universe = getvariable('universe')
        order by raised_usd desc, company_id limit 1
    )
    order by as_of_month, universe
    """,
)
def company_share(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the largest company's share of all dollars through time, with what was claimed of it."""
    universes = dict(zip(sorted(set(rows["universe"])), ("orange", "blue"), strict=False))
    base = alt.Chart().encode(
        x=days("as_of_month"),
        y=alt.Y("share_of_all:Q", axis=share()),
        color=coloured("universe", universes, STROKES),
    )
    return Drawing(
        alt.layer(
            partial(context.month, rows["as_of_month"].max()),
            base.mark_line().encode(strokeDash=dashed("universe", universes)),
            hover(base, rows),
            reference_line("y", context.claimed("company_share_of_all")),
        ),
    )
