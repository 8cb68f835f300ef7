"""What the headline said before and says now: its scope, verdicts that changed, moved shares.

Belongs here: comparing two published files on what a reader would believe. Not here: every other
difference and the cells behind it (lineage.diff).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import duckdb

from orchestration.publication.contents import attach
from orchestration.report.formats import day, percent

_HEADLINE = """
select universe, title, last_complete_month from {}.marts.dim_universes where is_headline
"""
_SHARES = """
with shares as (
    select titles.title as name, before.share as share_before, now.share as share_now
    from new.marts.rpt_layer_share as now
    inner join old.marts.rpt_layer_share as before using (universe, as_of_month, layer)
    inner join new.marts.dim_layers as titles using (layer)
    where universe = $universe and as_of_month = $month
    union all
    select now.company, before.share_of_all, now.share_of_all
    from new.marts.rpt_company_share as now
    inner join old.marts.rpt_company_share as before using (universe, as_of_month, company_id)
    where universe = $universe and as_of_month = $month
)
select * from shares
where abs(share_now - share_before) >= 0.01
order by abs(share_now - share_before) desc, name
"""
_VERDICTS = """
select now.quotation, before.verdict, now.verdict
from new.audit.claims as now
inner join old.audit.claims as before using (source, claim_id)
where now.verdict <> before.verdict
order by 1
"""


class _Headline(NamedTuple):
    universe: str
    title: str
    month: dt.date | None

    def __str__(self) -> str:
        to = f"to {day(self.month)}" if self.month else "complete to no month"
        return f"{self.title}, {to}"


def describe_moves(before: Path, now: Path) -> list[str]:
    """Return sentences on what the headline is of, verdicts, and shares that moved by a point.

    Shares are of all dollars, what moved most first. Both are published files; an older make of
    file has no moves, and data without a complete month no moved shares.
    """
    with duckdb.connect() as connection:
        for name, path in (("old", before), ("new", now)):
            attach(connection, path, name)
        try:
            [was], [is_now] = (_headlines(connection, name) for name in ("old", "new"))
            verdicts = connection.execute(_VERDICTS).fetchall()
            keys = {"universe": is_now.universe, "month": is_now.month}
            shares = connection.execute(_SHARES, keys).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return []
    return [
        *([] if was == is_now else [f"The headline was of {was}, and is of {is_now}."]),
        *(f"“{quotation}”: {old} before, {new} now." for quotation, old, new in verdicts),
        *(
            f"{name}: {percent(old)} of the dollars before, {percent(new)} now ({is_now})."
            for name, old, new in shares
        ),
    ]


def _headlines(connection: duckdb.DuckDBPyConnection, name: str) -> list[_Headline]:
    return [_Headline(*row) for row in connection.execute(_HEADLINE.format(name)).fetchall()]
