"""The answer in a few figures, read from the served file: for the terminal and for the README.

Belongs here: choosing and laying out figures that the marts already hold. Not here: computing any.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from orchestration.publication import versions

COHORTS = {"all": "all companies", "founded_2013_or_later": "founded 2013 or later"}
# The month of the article's claim on OpenAI's share.
ARTICLE_MONTH = dt.date(2023, 2, 28)

_LAYERS = """
select titles.title, shares.raised_usd, shares.share, shares.companies, shares.rounds,
       shares.undisclosed_rounds, shares.cited_share, shares.unknown_year_companies,
       shares.unknown_year_usd
from marts.rpt_layer_share as shares
inner join marts.dim_layers as titles on shares.layer = titles.layer
where shares.as_of_month = ? and shares.cohort = ?
order by titles.layer_position
"""

_TOTAL = """
select sum(raised_usd) as raised_usd, sum(companies) as companies, sum(rounds) as rounds,
       sum(undisclosed_rounds) as undisclosed_rounds,
       sum(cited_share * raised_usd) / sum(raised_usd) as cited_share,
       sum(unknown_year_companies) as unknown_year_companies,
       sum(unknown_year_usd) as unknown_year_usd
from marts.rpt_layer_share
where as_of_month = ? and cohort = ?
"""

_CONCENTRATION = """
select * from marts.rpt_concentration
where as_of_month = ? and cohort = ? and layer = 'model_platform'
"""

Row = dict[str, Any]


class NoRoundsError(Exception):
    """The data hold no funding round; the message is one sentence."""


class Headline(NamedTuple):
    """One month and cohort: a row a layer, their total, and the model layer's concentration."""

    month: dt.date
    cohort: str
    layers: list[Row]
    total: Row
    concentration: Row


def months(connection: duckdb.DuckDBPyConnection) -> dict[str, dt.date]:
    """Return the months to show, newest first, each with what is special about it.

    Raises `NoRoundsError` when the data hold no funding round, so that there is no such month.
    """
    latest = _rows(connection, "select max(as_of_month) as m from marts.rpt_layer_share")[0]["m"]
    if latest is None:
        raise NoRoundsError("There is no funding round in these data: no share to show.")
    complete_to = _rows(
        connection,
        "select max(complete_to) as m from audit.source_files where kind = 'funding_rounds'",
    )[0]["m"]
    chosen = {"latest month": latest}
    if complete_to and complete_to < latest:
        chosen["last complete month"] = complete_to
    return chosen | {"month of the article's claim": ARTICLE_MONTH}


def headlines(served: Path) -> list[Headline]:
    """Read the headline figures of every month to show, for both cohorts, from the served file."""
    with duckdb.connect(str(served), read_only=True) as connection:
        return [
            Headline(
                month=month,
                cohort=cohort,
                layers=_rows(connection, _LAYERS, month, cohort),
                total=_rows(connection, _TOTAL, month, cohort)[0],
                concentration=(_rows(connection, _CONCENTRATION, month, cohort) or [{}])[0],
            )
            for month in months(connection).values()
            for cohort in COHORTS
        ]


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> list[Row]:
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def dollars(amount: float | None) -> str:
    """Return US dollars as people write them, in three figures: `$12.1Bn`, `$2.15Bn`, `$270MM`."""
    if amount is None:
        return "-"
    for size, unit in ((1e9, "Bn"), (1e6, "MM")):
        if abs(amount) >= size:
            figures = amount / size
            whole = len(f"{abs(figures):.0f}")
            return f"${figures:,.{max(0, 3 - whole)}f}{unit}"
    return f"${amount:,.0f}"


def percent(share: float | None) -> str:
    """Return a fraction as a percentage with one decimal."""
    return "-" if share is None else f"{100 * share:.1f}%"


def show(console: Console, served: Path) -> None:
    """Print the headline figures of the served file: a table for each month and cohort."""
    for itself in versions.publications(served)[-1:]:
        if itself["known_by"]:
            console.print(f"Made from what was known by {itself['known_by']}, no later snapshots.")
        if itself["as_of"]:
            console.print(f"Speaks of the time to {itself['as_of']}.")
    with duckdb.connect(str(served), read_only=True) as connection:
        described = {month: what for what, month in months(connection).items()}
    for found in headlines(served):
        console.print(_layer_table(found, described[found.month]))
        for line in _notes(found):
            console.print(f"  {line}")
        console.print()
    complete_to = next((m for m, what in described.items() if what == "last complete month"), None)
    if complete_to:
        console.print(
            f"Rounds are complete to {complete_to} as far as could be found; later months hold "
            "only a part of them (see the source's description)."
        )


def _layer_table(found: Headline, what: str) -> Table:
    table = Table(
        title=f"Equity raised by {found.month} ({what}), {COHORTS[found.cohort]}",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        padding=(0, 1),
    )
    table.add_column("layer", no_wrap=True)
    for header in ("raised", "share", "companies", "rounds", "no amount", "cited"):
        table.add_column(header, justify="right")
    for line in found.layers:
        table.add_row(line["title"], *_cells(line))
    table.add_section()
    table.add_row("All layers", *_cells(found.total | {"share": 1.0}))
    return table


def _cells(line: Row) -> tuple[str, ...]:
    return (
        dollars(line["raised_usd"]),
        percent(line["share"]),
        f"{line['companies']:,.0f}",
        f"{line['rounds']:,.0f}",
        f"{line['undisclosed_rounds']:,.0f}",
        percent(line["cited_share"]),
    )


def model_and_mlops_share(found: Headline) -> float:
    """Return the share that the article's claim is about: model platforms and MLOps together."""
    wanted = ("Model platform", "MLOps")
    return float(sum(line["share"] for line in found.layers if line["title"] in wanted))


def _notes(found: Headline) -> list[str]:
    total, model_layer = found.total, found.concentration
    unknown = (
        f"Founding year unknown: {total['unknown_year_companies']:,.0f} companies with "
        f"{dollars(total['unknown_year_usd'])}, "
        + ("counted here." if found.cohort == "all" else "left out here.")
    )
    lines = [
        f"Model platforms and MLOps together: {percent(model_and_mlops_share(found))}.",
        unknown,
    ]
    if model_layer:
        tops = ", ".join(f"top {n} {percent(model_layer[f'top_{n}_share'])}" for n in (1, 3, 5, 10))
        lines.append(
            f"Concentration of the model layer: HHI {model_layer['hhi']:,.0f} of 10,000, {tops}, "
            f"Gini {model_layer['gini']:.3f}, {model_layer['effective_companies']:.1f} effective "
            f"of {model_layer['companies']:,} companies, "
            f"closed {percent(model_layer['closed_share'])}."
        )
    return lines
