"""What the headlines speak of: a universe of companies, and its last complete month.

Belongs here: choosing both from what the served file says of itself, and reading rows of it. Not
here: figures (answers.py, the charts).
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import duckdb
import pandas as pd

from orchestration.errors import LedgerError


class NoRoundsError(LedgerError):
    """The data hold no funding round."""


class Scope(NamedTuple):
    """The headline universe, its last complete month (the latest when no list says), the latest.

    `layer` is the one that concentration is told of: the model layer, or `all` when no market map
    names companies of it.
    """

    universe: str
    title: str
    month: dt.date
    latest_month: dt.date
    layer: str

    @property
    def layer_title(self) -> str:
        """The layer in words, as a sentence needs it."""
        return "all layers" if self.layer == "all" else "the model layer"


def choose_scope(connection: duckdb.DuckDBPyConnection) -> Scope:
    """Return what the headlines speak of, and set it as variables that queries read.

    The variables are `universe`, `month`, `layer` and `charted_from`, the January five years before
    the month. Raises NoRoundsError when the data hold no funding round.
    """
    universe, title, latest, complete = connection.execute(
        """
        select any_value(universe), any_value(title), max(as_of_month),
               max(case when is_complete then as_of_month end)
        from marts.rpt_layer_share inner join marts.dim_universes using (universe)
        where is_headline
        """
    ).fetchall()[0]
    if latest is None:
        raise NoRoundsError("There is no funding round in these data: no share to show.")
    month = complete or latest
    layers = connection.execute(
        "select max(layer) from marts.rpt_concentration "
        "where as_of_month = ? and universe = ? and layer = 'model_platform'",
        [month, universe],
    ).fetchall()
    scope = Scope(universe, title, month, latest, layers[0][0] or "all")
    variables = {
        "universe": f"'{scope.universe}'",
        "layer": f"'{scope.layer}'",
        "month": f"date '{month}'",
        "charted_from": f"date '{month.year - 5}-01-01'",
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = {value}")
    return scope


def headline_months(connection: duckdb.DuckDBPyConnection) -> list[dt.date]:
    """Return the months that headlines speak of: the last complete one, then those of claims.

    Raises NoRoundsError when the data hold no funding round.
    """
    month = choose_scope(connection).month
    claimed = "select distinct last_day(as_of) from audit.claims where measured_on is not null"
    named = {claim_month for (claim_month,) in connection.execute(claimed).fetchall()}
    return [month, *sorted(named - {month}, reverse=True)]


def read_rows(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    """Return what a query finds, dates as ISO texts; integers stay so beside missing ones."""
    relation = connection.sql(query)
    rows = relation.df()
    for column, kind in zip(relation.columns, map(str, relation.types), strict=True):
        if kind == "DATE":
            rows[column] = rows[column].dt.strftime("%Y-%m-%d")
        elif "INT" in kind:
            rows[column] = rows[column].astype("Int64")
    return rows
