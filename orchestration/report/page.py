"""The report: one HTML file that anyone can open, made of the served file alone.

Belongs here: the page's parts, and putting them together. Not here: charts (charts.py), answers
in words (answers.py), how a value is printed (formats.py), look and behaviour (page.html,
page.css, page.js). The page asks nothing of the network: the chart library is inside it.
"""

from __future__ import annotations

import re
from pathlib import Path

import altair as alt
import duckdb
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from orchestration import files
from orchestration.publication import versions
from orchestration.report import formats
from orchestration.report.answers import answers
from orchestration.report.charts import CHARTS
from orchestration.report.figures import Facts, figures, read
from orchestration.report.headline import NoRoundsError, months

_HEAD_CHARACTERS = 2000

SYMBOLS = {"supported": "✓", "contradicted": "✗", "not comparable": "○"}

_TABLES = {
    "claims": "select * from audit.claims order by as_of, source, claim_id",
    "layers": """
        select layer, raised_usd, cited_share, raised_usd * (1 - cited_share) as recalled_usd,
               rounds, undisclosed_rounds, unknown_year_companies, unknown_year_usd
        from marts.rpt_layer_share
        where as_of_month = getvariable('complete_to') and cohort = 'all'
        order by raised_usd desc, layer
    """,
    "rejects": """
        select kind, source, rule, reason, count(*) as rows_rejected
        from audit.rejects
        group by kind, source, rule, reason
        order by kind, source, rule, reason
    """,
    "sources": """
        select title, producer, file, sheet, status, rows_in_file, rows_accepted, rows_rejected,
               complete_to, licence, url
        from audit.source_files
        order by kind, source, file, sheet
    """,
}


def write(served: Path, out: Path) -> dict[str, int]:
    """Write the report of the served file to `out`; return its bytes and how many parts it has.

    The same served file gives the same bytes; one without rounds gives no report. Raises
    duckdb.Error when it lacks a mart.
    """
    with duckdb.connect(str(served), read_only=True) as connection:
        try:
            shown = months(connection)
        except NoRoundsError:
            out.unlink(missing_ok=True)
            return {}
        complete_to = str(shown.get("last complete month", shown["latest month"]))
        connection.execute(f"set variable complete_to = date '{complete_to}'")
        tables = {name: read(connection, query) for name, query in _TABLES.items()}
        claimed = {claim["claim_id"]: claim["claimed_value"] for claim in tables["claims"]}
        drawn = figures(connection, CHARTS, Facts(complete_to, claimed))
        said = answers(connection, tables["claims"])
    html = _template().render(
        tables,
        answers=said,
        complete_to=complete_to,
        figures=drawn,
        latest=str(shown["latest month"]),
        library=_chart_library(),
        symbols=SYMBOLS,
        version=versions.publications(served)[-1],
    )
    with files.replacing(out) as partial:
        # Bytes, not text: the same file on every system.
        size = partial.write_bytes(html.encode())
    parts = {name: len(rows) for name, rows in tables.items()}
    return {"bytes": size, "charts": len(drawn), **parts}


def version_of(report: Path) -> str | None:
    """Return the version that a report was made from, or None when there is none."""
    if not report.exists():
        return None
    with report.open(encoding="utf-8") as page:
        found = re.search(r'<meta name="version" content="([^"]*)">', page.read(_HEAD_CHARACTERS))
    return found[1] if found else None


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
