"""What stands behind a figure: its source rows with their cells, and why they count.

Belongs here: putting cells, the company's row, other rows of the same round and exchange rates
beside each source row. Not here: which source rows a figure rests on (`figure_queries`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from orchestration.config import LedgerError, nearest
from orchestration.lineage import figure_queries
from orchestration.lineage.figure_queries import Condition, Report, SourceRow
from orchestration.lineage.row_selection import Request, choose_row
from orchestration.publication.contents import quoted

# Relative: sums of thousands of rows in another order.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Cell:
    """A cell of a raw file; a file without columns has no addresses."""

    address: str | None
    text: str
    file: str
    sheet: str
    row_number: int
    column_name: str
    header: str | None


@dataclass(frozen=True)
class Rate:
    """An exchange rate of the amounts in a row, with the cells that state it."""

    currency: str
    rate_date: str
    usd_per_unit: float
    cells: list[Cell]


@dataclass(frozen=True)
class OtherRow:
    """Another row that speaks of the same round, and its part in it."""

    source_row_id: str
    part: str
    cells: list[Cell]


@dataclass(frozen=True)
class Source:
    """A source row: what it adds to each part, its cells, and what makes it count as it does."""

    source_row_id: str
    label: str
    group: str | None
    adds: dict[str, float]
    file: str
    sheet: str
    row_number: int
    cells: list[Cell]
    source_url: str | None
    because: list[Cell]
    rates: list[Rate]
    also: list[OtherRow]


@dataclass(frozen=True)
class PartSum:
    """What the source rows add to a part, and how many do."""

    sum: float
    rows: int


@dataclass(frozen=True)
class Trace:
    """A figure of one row of a report with all that it is made of (docs/trace.md)."""

    table: str
    keys: dict[str, Any]
    row: dict[str, Any]
    figure: str
    value: float | None
    formula: str | None
    computed: float | None
    agrees: bool | None
    note: str | None
    parts: dict[str, PartSum]
    sources: list[Source]


class Link(NamedTuple):
    """Raw rows behind a source row: of its company, of its round, or of a column's rate."""

    source_row_id: str
    relation: str
    row_ids: list[str]
    part: str
    currency: str
    rate_date: str
    usd_per_unit: float


def trace(
    connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition, name: str
) -> Trace:
    """Return a figure of the one row of a report that the condition chooses."""
    (row,) = figure_queries.chosen_rows(connection, report, condition)
    figure = report.figures[name]
    by_row: dict[str, list[SourceRow]] = defaultdict(list)
    adds: dict[str, list[float]] = {part: [] for part in figure.parts}
    for source_row in figure_queries.source_rows(connection, report, condition, figure.parts):
        by_row[source_row.source_row_id].append(source_row)
        adds[source_row.part].append(source_row.adds)
    sums = {part: sum(added) for part, added in adds.items()}
    made = figure_queries.computed(connection, figure.formula, sums) if figure.formula else None
    # An index isn't computed anew: the sums that it rests on are held against the report's.
    checks = (
        {name: made} if figure.formula else {p: s for p, s in sums.items() if p in report.figures}
    )
    return Trace(
        table=report.name,
        keys={key: row[key] for key in report.keys},
        row={column: cell for column, cell in row.items() if column != "figure_row"},
        figure=name,
        value=row.get(name, made),
        formula=figure.formula,
        computed=made,
        agrees=all(is_close(row.get(n, v), v) for n, v in checks.items()) if checks else None,
        note=figure.description,
        parts={part: PartSum(sums[part], len(added)) for part, added in adds.items()},
        sources=_sources(connection, report, by_row),
    )


def is_close(one: float | None, other: float | None) -> bool:
    """Return whether two figures are one, but for the rounding of adding in another order."""
    one, other = one or 0, other or 0
    return abs(one - other) <= TOLERANCE * max(1, abs(one), abs(other))


def links(connection: duckdb.DuckDBPyConnection, row_ids: Iterable[str]) -> list[Link]:
    """Return the raw rows that stand behind source rows."""
    rows = connection.execute(
        """
        with meant as (select unnest(?) as source_row_id)
        select source_row_id, 'company', [companies.source_row_id], null, null, null, null
        from meant
        inner join audit.statements using (source_row_id)
        inner join marts.fct_funding_rounds as rounds on rounds.round_id = statements.entity_id
        inner join marts.dim_companies as companies using (company_id)
        where companies.source_row_id is not null
        union all
        select source_row_id, 'round', [other.source_row_id], other.part, null, null, null
        from meant
        inner join audit.statements as own using (source_row_id)
        inner join audit.statements as other using (entity, entity_id)
        where own.tells_it and own.entity = 'round' and not other.tells_it
        union all
        select
            source_row_id, 'rate', [rate_row_id, usd_rate_row_id], column_name,
            currency, cast(rate_date as varchar), usd_per_unit
        from meant
        inner join audit.rates_used using (source_row_id)
        order by all
        """,
        [list(row_ids)],
    ).fetchall()
    return [Link(*row) for row in rows]


def _sources(
    connection: duckdb.DuckDBPyConnection, report: Report, rows: Mapping[str, list[SourceRow]]
) -> list[Source]:
    if not rows:
        return []
    behind: dict[tuple[str, str], list[Link]] = defaultdict(list)
    wanted = set(rows)
    for link in links(connection, rows):
        behind[link.source_row_id, link.relation].append(link)
        wanted |= set(link.row_ids)
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    # As literals, rows are chosen before the view takes them apart into cells.
    names = ", ".join(map(quoted, wanted))
    for row_id, *cell in connection.execute(
        f"""
        select source_row_id, column_letter || row_number, cell_text, file, sheet, row_number,
            column_name, header
        from audit.source_cells where is_mapped and source_row_id in ({names})
        """  # noqa: S608 - quoted
    ).fetchall():
        cells[row_id][cell[5]] = Cell(*cell)

    return [_source(report, adding, behind, cells) for adding in rows.values()]


def _source(
    report: Report,
    rows: Sequence[SourceRow],
    behind: Mapping[tuple[str, str], list[Link]],
    cells: Mapping[str, Mapping[str, Cell]],
) -> Source:
    row_id, facts = rows[0].source_row_id, [report.parts[row.part].fact for row in rows]
    columns = list(dict.fromkeys(column for fact in facts for column in fact.cells))

    def chosen(row_ids: Iterable[str], columns: Iterable[str]) -> list[Cell]:
        return [cells[r][c] for r in dict.fromkeys(row_ids) for c in columns if c in cells[r]]

    own = cells[row_id]
    where, url = next(iter(own.values())), own.get("source_url", own.get("url"))
    companies, rates, others = (behind[row_id, of] for of in ("company", "rate", "round"))
    return Source(
        source_row_id=row_id,
        label=rows[0].label,
        group=rows[0].group,
        adds={row.part: row.adds for row in rows},
        file=where.file,
        sheet=where.sheet,
        row_number=where.row_number,
        cells=chosen([row_id], columns),
        source_url=url.text if url else None,
        because=[cell for k in companies for cell in chosen(k.row_ids, facts[0].because)],
        rates=[
            Rate(k.currency, k.rate_date, k.usd_per_unit, chosen(k.row_ids, ["units_per_eur"]))
            for k in rates
            if k.part in columns
        ],
        also=[OtherRow(k.row_ids[0], k.part, chosen(k.row_ids, columns)) for k in others],
    )


def find(
    connection: duckdb.DuckDBPyConnection, request: Request, figure: str | None
) -> list[Trace]:
    """Return the traces of the one row that is meant.

    That is of the named figure, else of the first figure of a report, or of all figures of an
    entity. Raises LedgerError when the keys don't choose one row, or there is no such figure.
    """
    report, condition = choose_row(connection, request)
    if figure and figure not in report.figures:
        raise LedgerError(
            f"{report.name} has no figure {figure}; {nearest(figure, report.figures)}"
        )
    figures = list(report.figures)[: 1 if report.name.startswith("rpt_") else None]
    return [
        trace(connection, report, condition, name) for name in ([figure] if figure else figures)
    ]
