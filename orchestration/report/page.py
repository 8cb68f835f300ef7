"""The report: one HTML file that anyone can open, made of the served file alone.

Belongs here: the page's parts, the order of its charts, and putting them together. Not here: the
charts themselves (round_charts, share_charts, model_charts), answers in words (answers.py,
thesis.py), how a value is printed (formats.py), look and behaviour (page.html, page.css, page.js).
The page asks nothing of the network: the chart library is inside it.
"""

from __future__ import annotations

from pathlib import Path

import altair as alt
import duckdb
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from orchestration import files
from orchestration.publication import versions
from orchestration.report import formats, model_charts, round_charts, share_charts
from orchestration.report.answers import find_answers, find_later
from orchestration.report.chart_data import ChartContext, make_chart
from orchestration.report.scope import NoRoundsError, choose_scope, read_rows
from orchestration.report.thesis import ask_again

SYMBOLS = {
    "supported": "✓",
    "contradicted": "✗",
    "depends on the universe": "±",
    "restated": "=",
    "not comparable": "○",
}

CHARTS = (
    round_charts.valuations,
    round_charts.mega_rounds,
    round_charts.each_mega_round,
    round_charts.funding_pace,
    share_charts.layer_share,
    share_charts.layer_share_over_time,
    share_charts.lorenz_curve,
    share_charts.concentration,
    share_charts.company_share,
    round_charts.round_sizes,
    model_charts.releases_per_day,
    model_charts.releases_to_date,
    model_charts.catch_up,
    model_charts.adoption,
    share_charts.sensitivity,
)

_TABLES = {
    "claims": "select * from audit.claims order by as_of, source, claim_id",
    "universes": "select * exclude (is_headline, unknown_layer_share) from headline_universes",
    "layers": "from headline_layers",
    "citations": "from headline_citations",
    "outside": "from outside_maps",
    "rejects": """
        select kind, source, rule, reason, count(*) as rows_rejected
        from audit.rejects
        group by kind, source, rule, reason
        order by kind, source, rule, reason
    """,
    "sources": """
        select title, producer, file, sheet, status, rows_in_file, rows_accepted, rows_rejected,
               complete, licence, url
        from audit.source_files
        order by kind, source, file, sheet
    """,
}


def write_report(served_file: Path, page_path: Path) -> dict[str, int]:
    """Write the report of a published file; return its bytes and how many parts it has.

    The same file gives the same bytes; one without rounds gives no report. Raises duckdb.Error when
    it lacks a mart.
    """
    with duckdb.connect(str(served_file), read_only=True) as connection:
        try:
            scope = choose_scope(connection)
        except NoRoundsError:
            page_path.unlink(missing_ok=True)
            return {}
        tables = {name: read_rows(connection, query) for name, query in _TABLES.items()}
        answers = find_answers(connection, scope)
        context = ChartContext(scope, answers, tables["claims"])
        made = (make_chart(connection, plan, context) for plan in CHARTS)
        charts = [chart for chart in made if chart]
        thesis = ask_again(connection, scope, tables["claims"])
        later = find_later(connection)
    html = _template().render(
        tables,
        answers=answers,
        charts=charts,
        later=later,
        library=_chart_library(),
        scope=scope,
        symbols=SYMBOLS,
        thesis=thesis,
        version=versions.publications(served_file)[-1],
    )
    with files.replacing(page_path) as partial:
        # Bytes, not text: the same file on every system.
        size = partial.write_bytes(html.encode())
    return {"bytes": size, "charts": len(charts), **{name: len(tables[name]) for name in tables}}


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= formats.FILTERS
    return environment.get_template("page.html")


def _chart_library() -> str:
    """Return Vega, Vega-Lite and vega-embed as one script, in the version Altair writes for."""
    major, minor = alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2]
    return vl_convert.javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=f"{major}.{minor}"
    )
