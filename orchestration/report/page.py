"""The page: one HTML file that anyone can open, made of the served file alone.

Belongs here: the page's parts, the order of its charts, and putting them together. Not here: the
charts themselves (round_charts, share_charts, model_charts), their rows (data_sets.py), answers in
words (answers.py, thesis.py), how a value is printed (formats.py), look and behaviour (assets/).
The page asks nothing of the network: what draws its charts is inside it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from orchestration import files
from orchestration.publication import versions
from orchestration.publication.contents import open_database
from orchestration.report import formats, model_charts, round_charts, share_charts
from orchestration.report.answers import find_answers, find_later
from orchestration.report.chart_data import (
    Chart,
    ChartContext,
    ChartPlan,
    make_chart,
    split_shared,
)
from orchestration.report.data_sets import DataSet, read_data_sets
from orchestration.report.library import bundle
from orchestration.report.moves import describe_moves
from orchestration.report.scope import NoRoundsError, Scope, choose_scope, read_rows
from orchestration.report.thesis import ask_again

SYMBOLS = {
    "supported": "✓",
    "contradicted": "✗",
    "depends on the universe": "±",
    "restated": "=",
    "not comparable": "○",
}

# By the question that a part of the page answers.
PARTS: Mapping[str, Sequence[ChartPlan]] = {
    "Which layer gets the money?": (
        share_charts.layer_share,
        share_charts.share_range,
        share_charts.layer_share_by_universe,
        share_charts.sensitivity,
    ),
    "How few hold it?": (
        share_charts.leaders,
        share_charts.lorenz_curve,
        share_charts.concentration,
        share_charts.company_share,
        share_charts.closed_models,
        round_charts.valuations,
    ),
    "How fast and in what rounds does it come?": (
        round_charts.funding_pace,
        round_charts.annual_totals,
        round_charts.mega_rounds,
        round_charts.venture_mega_rounds,
        round_charts.each_mega_round,
        round_charts.round_sizes,
    ),
    "Who ships the models?": (
        model_charts.releases_per_day,
        model_charts.releases_to_date,
        model_charts.monthly_releases,
        model_charts.base_models,
        model_charts.relative_quality,
        model_charts.training_costs,
        model_charts.catch_up,
        model_charts.adoption,
    ),
}
_CLAIMS = "select * from audit.claims order by as_of, source, claim_id"
# Answers that are told elsewhere than under a chart of their name.
_ELSEWHERE = {
    "claims": "claims",
    **dict.fromkeys(("outside_maps", "possible_repeats", "possible_companies"), "coverage"),
}
_ASSETS = Path(__file__).with_name("assets")


class Recency(NamedTuple):
    """How a source stands: `state` is its word, or that of the times at which it turns."""

    name: str
    state: str
    why: str
    late_at: dt.datetime | None
    stale_at: dt.datetime | None


def write_report(
    served_file: Path,
    page_path: Path,
    before: Path | None = None,
    *,
    library: str = "",
    recency: Sequence[Recency] = (),
) -> dict[str, int]:
    """Write the report of a published file; return its bytes and how many parts it has.

    It says what moved since the version `before`, another published file. `library` is what draws
    the charts, where it is bundled already; `recency` is told at the end. The same files give the
    same bytes; one without rounds gives no report. Raises duckdb.Error when it lacks a mart.
    """
    with open_database(served_file) as connection:
        try:
            scope = choose_scope(connection)
        except NoRoundsError:
            page_path.unlink(missing_ok=True)
            return {}
        claims = read_rows(connection, _CLAIMS)
        answers = find_answers(connection, scope)
        data_sets = read_data_sets(connection)
        # Last, as they point the views elsewhere.
        thesis, later = ask_again(connection, scope), find_later(connection)
    context = ChartContext(scope, answers, claims, data_sets)
    parts = {
        title: [chart for plan in plans if (chart := make_chart(plan, context))]
        for title, plans in PARTS.items()
    }
    charts = [chart for drawn in parts.values() for chart in drawn]
    common, slim = split_shared(charts)
    version = versions.publications(served_file)[-1]
    titles = {row["universe"]: row["title"] for row in formats.records(data_sets["universes"].rows)}
    html = _template(titles).render(
        anchors={name: name.replace("_", "-") for name in answers} | _ELSEWHERE,
        answers=answers,
        charts={chart.name: _settings(chart) for chart in slim},
        claims=claims,
        common=common,
        data_sets=data_sets,
        later=later,
        moves=describe_moves(before, served_file) if before else None,
        library=Markup(library or bundle()),  # noqa: S704
        parts=parts,
        recency=recency,
        scope=scope,
        state=context.state,
        symbols=SYMBOLS,
        thesis=thesis,
        version=version,
        words=_words(scope, version["version_id"], titles, data_sets),
    )
    with files.replacing(page_path) as partial:
        # Bytes, not text: the same file on every system.
        size = partial.write_bytes(html.encode())
    return {"bytes": size, "charts": len(charts), "claims": len(claims)}


def _settings(chart: Chart) -> dict[str, Any]:
    """Return what page.js needs to know of a chart."""
    drawing = chart.drawing
    return {
        "data": chart.data.name,
        "told_by": chart.told_by,
        "shows": drawing.shows,
        "speaks_of": drawing.speaks_of,
        "choice": drawing.choice,
        "only": drawing.only,
        "columns": chart.columns,
        "tells": chart.tells,
        "question": drawing.question,
        "finding": drawing.finding,
        "caption": drawing.caption,
        "spec": chart.spec,
    }


def _words(
    scope: Scope, version_id: str, universes: Mapping[str, str], data_sets: Mapping[str, DataSet]
) -> dict[str, Any]:
    """Return what printing.js prints with, as formats.py does, and which sets are held in part."""
    of_any_month = ("layer_key", "layer_title", "company_id")
    return {
        "headers": formats.HEADERS,
        "values": {**formats.VALUES, "universe": universes},
        "fractions": formats.FRACTIONS,
        "scope": {name: scope.words[name] for name in of_any_month},
        "version": version_id,
        "partial": [name for name, data in data_sets.items() if data.left_out],
    }


def _template(universes: Mapping[str, str]) -> Template:
    environment = Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= formats.FILTERS

    def universe(codes: str) -> str:
        """Print universes by their titles; behind a code may stand the layer or column."""

        def title(code: re.Match[str]) -> str:
            words = formats.HEADERS.get(code[0]) or formats.in_words(code[0], "layer")
            return universes.get(code[0], words)

        return re.sub(r"\w+", title, codes.replace(", ", "; "))

    environment.filters["universe"] = universe
    # Scripts and styles as they are: what looks like a template in them is none.
    environment.globals["asset"] = lambda name: Markup((_ASSETS / name).read_text("utf-8"))  # noqa: S704
    # Compact, and safe within a script whatever texts it holds.
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    environment.policies["json.dumps_function"] = json.dumps
    return environment.get_template("page.html")
