"""What the headline said before and says now: shares that moved, verdicts that changed.

Belongs here: comparing two published files on what a reader would believe. Not here: every other
difference and the cells behind it (lineage.diff).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.publication.contents import attach
from orchestration.report.formats import day, percent

_MONTH = """
select universe, title, complete_to from new.marts.dim_universes
where is_headline and complete_to is not null
"""
_SHARES = """
select titles.title, before.share, now.share
from new.marts.rpt_layer_share as now
inner join old.marts.rpt_layer_share as before using (universe, as_of_month, layer)
inner join new.marts.dim_layers as titles using (layer)
where universe = $universe and as_of_month = $month and abs(now.share - before.share) >= 0.01
union all
select now.company, before.share_of_all, now.share_of_all
from new.marts.rpt_company_share as now
inner join old.marts.rpt_company_share as before using (universe, as_of_month, company_id)
where
    universe = $universe and as_of_month = $month
    and abs(now.share_of_all - before.share_of_all) >= 0.01
order by 1
"""
_VERDICTS = """
select now.quotation, before.verdict, now.verdict
from new.audit.claims as now
inner join old.audit.claims as before using (source, claim_id)
where now.verdict <> before.verdict
order by 1
"""


def describe_moves(before: Path, now: Path) -> list[str]:
    """Return sentences on shares of all dollars that moved by a point or more, and on verdicts.

    Both are published files. An older make of file, or data without a complete month, has no moves.
    """
    with duckdb.connect() as connection:
        for name, path in (("old", before), ("new", now)):
            attach(connection, path, name)
        try:
            headline = connection.execute(_MONTH).fetchone()
            verdicts = connection.execute(_VERDICTS).fetchall()
            if headline is None:
                return []
            universe, title, month = headline
            keys = {"universe": universe, "month": month}
            shares = connection.execute(_SHARES, keys).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return []
    return [
        *(
            f"{name}: {percent(old)} of the dollars before, {percent(new)} now "
            f"({title}, {day(month)})."
            for name, old, new in shares
        ),
        *(f"“{quotation}”: {old} before, {new} now." for quotation, old, new in verdicts),
    ]
