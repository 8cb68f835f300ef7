"""The page's charts of who holds how much: layers, universes, concentration, closed and open."""

from __future__ import annotations

import altair as alt
import pandas as pd

from orchestration.report import vega_style as style
from orchestration.report.chart_data import ChartContext, Drawing, drawn_from
from orchestration.report.formats import day, percent

_LAYERS = {
    f"{'unknown_layer' if layer == 'unknown' else layer}_share": colour
    for layer, colour in style.LAYERS.items()
}
_LAYER_WORDS = dict(zip(_LAYERS, style.LAYER_WORDS.values(), strict=True))
_OF_MONTH = ("universe", "as_of_month")
_OF_DOLLARS = "share of dollars"
# Of a row a month, its own share and how far those below it reach.
_WHOLE = alt.Y("held:Q", axis=style.share(_OF_DOLLARS), stack="zero").scale(domain=[0, 1])
# Legends of bars whose claims are named above them.
_ABOVE_CLAIMS = 42
_STEP = 0.08  # of a share from one cut-off year to the next: what is named
_BY_YEAR = [alt.SortField("founded_from_year")]


def _layers_of(rows: pd.DataFrame) -> dict[str, str]:
    return {column: colour for column, colour in _LAYERS.items() if rows[column].max() > 0}


def _stack(colours: dict[str, str], words: dict[str, str], **legend: int) -> alt.Chart:
    """Return a chart whose rows are a share each, stacked in the order of the colours."""
    folded = style.chart().transform_fold(list(colours), as_=["part", "held"])
    folded = folded.transform_calculate(position=f"indexof({list(colours)}, datum.part)")
    stack: alt.Chart = folded.encode(
        color=style.coloured("part", colours, style.legend(colours, words, **legend)),
        order="position:O",
    )
    return stack


def _are_in_layers(rows: pd.DataFrame) -> bool:
    return bool((rows["unknown_layer_share"].fillna(0) < 1).any())


@drawn_from("headlines")
def layer_share(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the layers' shares as a stack through time."""
    areas = _stack(_layers_of(rows), _LAYER_WORDS).mark_area(aria=False)
    answer = context.answers["layer_share"]
    return Drawing(
        alt.layer(
            areas.encode(x=style.days("as_of_month"), y=_WHOLE),
            style.bands("as_of_month"),
            style.month_rule(),
        ),
        answer.question,
        answer.title,
        "Shares of all equity raised up to the end of each month. {companies} companies with "
        "amounts, {rounds} rounds, {undisclosed_rounds} of them undisclosed; {cited_share} of the "
        "dollars are cited.",
        shows=("universe",),
        speaks_of=_OF_MONTH,
    )


@drawn_from("headlines")
def layer_share_by_universe(rows: pd.DataFrame, context: ChartContext) -> Drawing | None:
    """Draw each universe as a bar of its layers' shares, with what others estimated."""
    if not _are_in_layers(rows):
        return None
    stack = _stack(_layers_of(rows), _LAYER_WORDS, offset=_ABOVE_CLAIMS).encode(
        x=alt.X("held:Q", axis=style.share(_OF_DOLLARS), stack="zero").scale(domain=[0, 1]),
        y=_universes("model_and_mlops_share"),
    )
    claims = context.claimed("model_and_mlops_share") + context.claimed("layer_share")
    dashed = (
        " Dashed: published estimates, of model platforms and MLOps (the article's) or of model "
        "platforms alone."
    )
    return Drawing(
        alt.layer(style.bars(stack), *style.reference_lines(claims, _OF_DOLLARS, "x")).properties(
            height=alt.Step(30)
        ),
        "How much does the layers' share depend on which companies and rounds count?",
        "From {lowest_model_and_mlops_share} to {highest_model_and_mlops_share} of the dollars had "
        "gone to model platforms and MLOps by {as_of_month}, depending on the universe",
        f"Every bar is a universe: which companies and rounds count.{dashed if claims else ''}",
        shows=("as_of_month",),
        speaks_of=_OF_MONTH,
    )


def _universes(column: str) -> alt.Y:
    # A title of two lines is as high as its bar: it begins above the bar's middle.
    of_two_lines = {"test": "indexof(datum.label, ', ') > 0", "value": -7}
    axis = alt.Axis(
        title=None,
        labelExpr="split(datum.label, ', ')",
        labelLimit=190,
        labelOffset={"condition": of_two_lines, "value": 0},
    )
    return alt.Y("universe_title:N", axis=axis).sort(field=column, op="max", order="descending")


@drawn_from("headlines")
def share_range(rows: pd.DataFrame, context: ChartContext) -> Drawing | None:
    """Draw the share of model platforms and MLOps through time, within all universes' range."""
    if not _are_in_layers(rows):
        return None

    def at(column: str) -> alt.Y:
        share = alt.Y(column, type="quantitative", axis=style.share(_OF_DOLLARS))
        return share.scale(domain=[0, 1])

    share, low, high = (f"{which}model_and_mlops_share" for which in ("", "lowest_", "highest_"))
    line, *ends = (style.chart(x=style.days("as_of_month"), y=at(c)) for c in (share, low, high))
    return Drawing(
        alt.layer(
            ends[0].encode(y2=high).mark_area(opacity=0.25, color="var(--grey)", aria=False),
            *(end.mark_line(color="var(--grey)", strokeWidth=1, aria=False) for end in ends),
            line.mark_line(aria=False),
            style.bands("as_of_month"),
            style.month_rule(),
            *style.reference_lines(context.claimed("model_and_mlops_share"), _OF_DOLLARS),
            *style.jumps(at(share), "moving_company", "moving_round_usd", dy=12),
        ),
        "How did the share of model platforms and MLOps move?",
        "{model_and_mlops_share} went to model platforms and MLOps by {as_of_month} ({universe})"
        "[[; {lowest_model_and_mlops_share} to {highest_model_and_mlops_share} in other "
        "universes]]",
        "Line: this universe; band: from the lowest to the highest of all universes that are "
        "complete in a month. Named: the largest round of the months in which the share moved "
        "most.",
        shows=("universe",),
        speaks_of=_OF_MONTH,
    )


@drawn_from("company_shares")
def leaders(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the largest companies of the model layer as ranked bars."""
    bars = style.chart(
        x=alt.X("share_of_layer:Q", axis=style.share("share of the dollars")).scale(domain=[0, 1]),
        y=style.categories("company", "rank_in_layer"),
    )
    label = style.labels(
        bars, alt.Text("raised_usd:Q", format="", formatType="dollars"), align="left", dx=4
    )
    return Drawing(
        alt.layer(style.bars(bars), *label).properties(height=alt.Step(28)),
        f"Who leads {context.scope.layer_title}?",
        "{leader} led {layer_title} on {as_of_month} with {leader_share_of_layer} of its dollars; "
        "its largest round was {leader_round_usd} on {leader_round_on}",
        "The largest companies of {layer_title} by equity raised so far ({universe}).",
        shows=_OF_MONTH,
        speaks_of=_OF_MONTH,
        told_by="headlines",
    )


@drawn_from("lorenz")
def lorenz_curve(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the Lorenz curve of the layer as of a month, beside the line of equal shares."""
    share = alt.Scale(domain=[0, 1])
    x = alt.X(
        "share_of_companies:Q",
        axis=style.share("share of companies, the smallest first"),
        scale=share,
    )
    y = alt.Y("share_of_usd:Q", axis=style.share(_OF_DOLLARS), scale=share)
    equal = alt.InlineData(values=[{"share_of_companies": n, "share_of_usd": n} for n in (0, 1)])
    curve = style.chart(x=x, y=y)
    return Drawing(
        alt.layer(
            alt.Chart(equal)
            .mark_line(strokeDash=[4, 3], color="currentColor", aria=False)
            .encode(x=x, y=y),
            curve.mark_line(aria=False),
            style.points(curve, opacity=1),
        ),
        f"How unequally is money spread in {context.scope.layer_title}?",
        "A Gini index of {gini} among {layer_companies} companies of {layer_title} on "
        "{as_of_month}, as if {effective_companies} equal ones shared the dollars",
        "As of the last half-year. The further the curve "
        "hangs below the dashed line of equal shares, the fewer companies hold the dollars.",
        shows=_OF_MONTH,
        speaks_of=_OF_MONTH,
        told_by="headlines",
    )


@drawn_from("headlines")
def concentration(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the shares of the largest 1, 3, 5 and 10 companies of the layer through time."""
    columns = {f"top_{n}_share": f"the largest {n}" for n in (1, 3, 5, 10)}
    tops = dict(zip(columns, style.COLOURS, strict=False))
    held = style.share("share of the layer's dollars")
    legend = style.legend(tops, columns | {"top_1_share": "the largest"}, symbolType="stroke")
    lines = style.chart(
        x=style.days("as_of_month"),
        y=alt.Y("held:Q", axis=held).scale(domain=[0, 1]),
        color=style.coloured("largest", tops, legend),
        strokeDash=style.dashed("largest", tops, legend),
    ).transform_fold(list(tops), as_=["largest", "held"])
    answer = context.answers["concentration"]
    return Drawing(
        alt.layer(
            lines.mark_line(aria=False),
            style.bands("as_of_month"),
            style.month_rule(),
            *style.jumps(
                alt.Y("top_1_share:Q", axis=held),
                "layer_moving_company",
                "layer_moving_round_usd",
                dy=30,
            ),
        ),
        answer.question,
        answer.title,
        "{layer_companies} companies; the largest three held {top_3_share}, the largest ten "
        "{top_10_share} of the dollars of {layer_title}. Named: the layer's largest round of the "
        "months in which the largest company's share moved most.",
        shows=("universe",),
        speaks_of=_OF_MONTH,
        mart="marts.rpt_concentration",
    )


@drawn_from("headlines")
def closed_models(_: pd.DataFrame, context: ChartContext) -> Drawing | None:
    """Draw the shares of companies with closed and with open models in the model layer."""
    answer = context.answers.get("closed_models")
    if not answer:
        return None
    colours = {"closed_share": "vermilion", "open_share": "blue"}
    words = {"closed_share": "closed models", "open_share": "open models"}
    areas = _stack(colours, words).mark_area(aria=False)
    return Drawing(
        alt.layer(
            areas.encode(x=style.days("as_of_month"), y=_WHOLE),
            style.bands("as_of_month"),
            style.month_rule(),
        ),
        answer.question,
        answer.title,
        "{open_share} sat with companies whose models are open; the rest with companies whose "
        "models are both, none or unknown. A company's access is today's, at all months.",
        shows=("universe",),
        speaks_of=_OF_MONTH,
        mart="marts.rpt_concentration",
    )


@drawn_from("headlines")
def company_share(_: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the largest company's share of all dollars as a bar a universe."""
    bars = style.chart(
        x=alt.X("company_share:Q", axis=style.share(_OF_DOLLARS)).scale(domain=[0, 1]),
        y=_universes("company_share"),
        color=alt.condition("datum.is_chosen", alt.value("var(--blue)"), alt.value("var(--grey)")),
    )
    label = style.labels(
        bars.encode(color=alt.value("currentColor")),
        alt.Text("company_share:Q", format=".1%"),
        align="left",
        dx=4,
    )
    claims = context.claimed("company_share_of_all", context.scope.company_id)
    answer = context.answers["company_share"]
    return Drawing(
        alt.layer(
            style.bars(bars), *style.reference_lines(claims, _OF_DOLLARS, "x"), *label
        ).properties(height=alt.Step(30)),
        answer.question,
        answer.title,
        f"Every bar is a universe.{' Dashed: what was published of it.' if claims else ''}",
        shows=("as_of_month",),
        speaks_of=_OF_MONTH,
        mart="marts.rpt_company_share",
    )


@drawn_from("cut_offs")
def sensitivity(rows: pd.DataFrame, context: ChartContext) -> Drawing:
    """Draw the share of model platforms and MLOps in every universe under every cut-off year."""
    titles = context.data_sets["universes"].rows.set_index("universe")["title"]
    low, high = (
        f"{percent(row.share)} ({titles[row.universe]}; founded {row.founded_from_year} or later)"
        for row in rows.sort_values("share").iloc[[0, -1]].itertuples()
    )
    years = alt.Axis(
        title="companies founded in this year or later", format="d", grid=False, tickCount=8
    )
    lines = style.chart(
        x=alt.X("founded_from_year:Q", axis=years).scale(zero=False, nice=False),
        y=alt.Y("share:Q", axis=style.share(_OF_DOLLARS)).scale(zero=False),
        detail="universe:N",
        color=alt.condition(
            alt.datum.is_chosen, alt.value("var(--blue)"), alt.value("var(--grey)")
        ),
        size=alt.condition(alt.datum.is_chosen, alt.value(3), alt.value(1)),
    )
    chosen = lines.transform_filter("datum.is_chosen")
    steps = (
        chosen.encode(size=alt.value(12), color=alt.value("currentColor"))
        .transform_window([{"op": "lag", "field": "share", "as": "before"}], sort=_BY_YEAR)
        .transform_filter(
            f"abs(datum.share - datum.before) >= {_STEP} && datum.dropped_company != null"
        )
        .transform_calculate(said="'without ' + datum.dropped_company")
    )
    return Drawing(
        alt.layer(
            lines.mark_line(aria=False),
            style.points(chosen, opacity=1).encode(size=alt.value(40)),
            *style.reference_lines(context.claimed("model_and_mlops_share"), _OF_DOLLARS),
            *style.labels(steps, alt.Text("said:N"), align="right", dx=-8, dy=8),
        ).properties(height=320),
        "How much does the share depend on where lines are drawn?",
        f"Between {low} and {high} went to model platforms and MLOps by {day(context.scope.month)}",
        "Each line is a universe, the blue one is the one chosen above. Named: the largest company "
        f"that a cut-off year drops where the share moves by {100 * _STEP:.0f} points or more.",
    )
