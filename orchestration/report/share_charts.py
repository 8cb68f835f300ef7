"""The report's charts of who holds how much: layers, concentration, the largest company."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, percent

# Where no market map says in which layer a company is, there is nothing to compare.
LAYER_SHARES = """
select shares.as_of_month, universes.title as universe_title, shares.layer, shares.raised_usd,
       shares.share, shares.companies, shares.rounds, shares.undisclosed_rounds, shares.cited_share
from marts.rpt_layer_share as shares
inner join marts.dim_universes as universes on shares.universe = universes.universe
where shares.as_of_month between getvariable('charted_from') and getvariable('month')
      and shares.raised_usd > 0
      and exists (
          select 1 from marts.rpt_layer_share where layer <> 'unknown' and raised_usd > 0
      )
"""
_MAIN_FIRST = "order by universes.is_headline desc, universes.title, shares.layer"


@drawn_from(f"{LAYER_SHARES} and shares.as_of_month = getvariable('month') {_MAIN_FIRST}")
def layer_share(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw each universe as a bar of its layers' shares, as of the last complete month."""
    universes = alt.Y("universe_title:N", sort=list(dict.fromkeys(rows["universe_title"])))
    bars = style.layer_stack().encode(
        x=alt.X("share:Q", axis=style.share(), stack="zero").scale(domain=[0, 1]),
        y=universes.axis(title=None, labelExpr="split(datum.label, ', ')", labelLimit=180),
        tooltip=style.tips(rows.columns[1:]),
    )
    return Drawing(
        bars.mark_bar().properties(height=alt.Step(32)),
        f"Every bar is a universe on {day(context.month)}: which companies and rounds count.",
    )


@drawn_from(
    """
    select shares.as_of_month, shares.layer, shares.raised_usd, shares.share, shares.companies,
           shares.rounds, shares.cited_share
    from marts.rpt_layer_share as shares
    where shares.universe = getvariable('universe') and shares.raised_usd > 0
          and shares.as_of_month in (
              select unnest([then_month, now_month]) from audit.thesis_then_and_now
              where universe = getvariable('universe')
          )
    order by shares.as_of_month, shares.layer
    """
)
def layer_share_then_and_now(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the layers' shares in the article's month and in the last complete one."""
    bars = style.layer_stack().encode(
        x=alt.X("share:Q", axis=style.share(), stack="zero").scale(domain=[0, 1]),
        y=alt.Y("as_of_month:O").axis(title=None, labelExpr="utcFormat(datum.value, '%B %Y')"),
        tooltip=style.tips(rows),
    )
    return Drawing(
        bars.mark_bar().properties(height=alt.Step(32)),
        f"Of all equity raised up to the end of both months ({context.scope.title}).",
        "Which layer had the money then, and which has it now?",
    )


@drawn_from(
    f"""
    {LAYER_SHARES} and month(shares.as_of_month) % 3 = month(getvariable('month')) % 3
    order by shares.as_of_month, universes.title, shares.layer
    """
)
def layer_share_over_time(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the layers' shares as a stack through time, in the universe that the reader chooses."""
    universes = alt.binding_select(name="Universe: ", options=sorted(set(rows["universe_title"])))
    universe = alt.param(name="universe", value=context.scope.title, bind=universes)
    stack = style.layer_stack().encode(
        x=style.days("as_of_month"),
        y=alt.Y("share:Q", axis=style.share(), stack="zero").scale(domain=[0, 1]),
    )
    return Drawing(
        alt.layer(stack.mark_area(), style.hover(stack, rows))
        .add_params(universe)
        .transform_filter("datum.universe_title == universe"),
        "Shares of all equity raised up to the end of each quarter, from the first round on.",
        "How did the layers' shares move?",
    )


@drawn_from(
    """
    select shares.founded_from_year, universes.title as universe_title, shares.share,
           shares.share_in_alternative_layers, shares.raised_usd, shares.undisclosed_rounds,
           shares.unknown_year_usd
    from marts.rpt_layer_share_sensitivity as shares
    inner join marts.dim_universes as universes on shares.universe = universes.universe
    where shares.as_of_month = getvariable('month') and shares.share > 0
    order by universes.title, shares.founded_from_year
    """
)
def sensitivity(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the share of model platforms and MLOps in every universe under every cut-off year."""
    low, high = (
        f"{percent(row.share)} ({row.universe_title}; founded {row.founded_from_year} or later)"
        for row in rows.sort_values("share").iloc[[0, -1]].itertuples()
    )
    years = alt.Axis(
        title="companies founded in this year or later", format="d", grid=False, tickCount=8
    )
    base = alt.Chart().encode(
        x=alt.X("founded_from_year:Q", axis=years).scale(zero=False, nice=False),
        y=alt.Y("share:Q", axis=style.share()).scale(zero=False),
    )
    return Drawing(
        alt.layer(
            *style.universe_lines(base, rows, context.scope.title),
            *style.reference_lines(context.claimed("model_and_mlops_share")),
        ).properties(height=320),
        f"On {day(context.month)} the share of model platforms and MLOps is between {low} and "
        f"{high}. Each line is a universe, the blue one is {context.scope.title}.",
        "How much does the share depend on where lines are drawn?",
    )


@drawn_from(
    """
    select as_of_month, held_usd, share_of_companies, share_of_usd
    from marts.rpt_lorenz_curve
    where layer = getvariable('layer') and universe = getvariable('universe')
          and as_of_month between getvariable('charted_from') and getvariable('month')
          and month(as_of_month) % 6 = month(getvariable('month')) % 6
    order by as_of_month, share_of_companies
    """
)
def lorenz_curve(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the Lorenz curve of the layer as of a month, beside the line of equal shares."""
    x = alt.X("share_of_companies:Q", axis=style.share("share of companies"))
    y = alt.Y("share_of_usd:Q", axis=style.share("share of dollars"))
    curve = alt.Chart().encode(x=x, y=y)
    equal = alt.InlineData(values=[{"share_of_companies": n, "share_of_usd": n} for n in (0, 1)])
    return Drawing(
        alt.layer(
            alt.Chart(equal).mark_line(strokeDash=[4, 3], color="currentColor").encode(x=x, y=y),
            curve.mark_line(),
            style.hover(curve, rows.columns[1:], opacity=1),
        ),
        "Companies from the smallest to the largest: the further the curve hangs below the dashed "
        "line of equal shares, the fewer companies hold the dollars.",
        f"How unequally is money spread in {context.scope.layer_title}?",
        slider="as_of_month",
    )


@drawn_from(
    """
    select * exclude (universe, layer, is_complete)
    from marts.rpt_concentration
    where layer = getvariable('layer') and universe = getvariable('universe')
          and as_of_month between getvariable('charted_from') and getvariable('month')
    order by as_of_month
    """
)
def concentration(rows: pd.DataFrame, _: ChartContext) -> Drawing:
    """Draw the shares of the largest 1, 3, 5 and 10 companies of the layer through time."""
    columns = ("top_1_share", "top_3_share", "top_5_share", "top_10_share")
    tops = dict(zip(columns, style.COLOURS, strict=False))
    base = alt.Chart().encode(
        x=style.days("as_of_month"),
        y=alt.Y("held:Q", axis=style.share()).scale(domain=[0, 1]),
        color=style.coloured("largest", tops, style.STROKES),
    )
    base = base.transform_fold(list(tops), as_=["largest", "held"])
    lines = base.mark_line().encode(strokeDash=style.dashed("largest", tops))
    return Drawing(alt.layer(lines, style.hover(base, rows)))


@drawn_from(
    """
    select as_of_month, universes.title as universe_title, company, raised_usd, share_of_all,
           share_of_layer, rank_in_layer
    from marts.rpt_company_share as shares
    inner join marts.dim_universes as universes on shares.universe = universes.universe
    where as_of_month between getvariable('charted_from') and getvariable('month')
          and company_id = getvariable('company_id')
    order by as_of_month, universes.title
    """
)
def company_share(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the largest company's share of all dollars through time, in every universe."""
    base = alt.Chart().encode(
        x=style.days("as_of_month"), y=alt.Y("share_of_all:Q", axis=style.share())
    )
    return Drawing(
        alt.layer(
            *style.universe_lines(base, rows, context.scope.title),
            *style.reference_lines(
                context.claimed("company_share_of_all", context.scope.company_id)
            ),
        ),
        f"Each line is a universe, the blue one is {context.scope.title}.",
    )
