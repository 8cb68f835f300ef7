"""What the headlines speak of: a universe and its last complete month, and a later one beside it.

Belongs here: choosing them from what the served file says of itself, and reading rows of it. Not
here: figures (answers.py, the charts).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from orchestration.config import LedgerError
from orchestration.report.formats import day

_VIEWS = Path(__file__).with_name("scope.sql")
_TABLE = Path(__file__).with_name("headlines.sql")
_HEADLINE = "select universe from marts.dim_universes where is_headline"
# Of the universes that are complete for longer than the headlines', the one complete for longest.
_LATER = """
select later.universe
from marts.dim_universes as later
inner join marts.dim_universes as headline
    on headline.is_headline and later.last_complete_month > headline.last_complete_month
inner join marts.rpt_concentration as raised
    on later.universe = raised.universe and later.last_complete_month = raised.as_of_month
        and raised.layer = 'all'
order by later.last_complete_month desc, raised.raised_usd desc, later.universe
limit 1
"""


class NoRoundsError(LedgerError):
    """The data hold no funding round."""


class Scope(NamedTuple):
    """The headline universe and its months: the last complete one, and the latest.

    Where no list says until when it is complete, `is_complete` is False and `month` the latest one.
    `layer` is the one whose concentration is told: the model layer, or `all` where it is empty;
    `company_id` is the one that raised most.
    """

    universe: str
    title: str
    month: dt.date
    latest_month: dt.date
    is_complete: bool
    layer: str
    company_id: str

    @property
    def charted_from(self) -> str:
        """The day from which charts begin: the January five years before the month."""
        return f"{self.month.year - 5}-01-01"

    @property
    def layer_title(self) -> str:
        """The layer in words, as a sentence needs it."""
        return "all layers" if self.layer == "all" else "the model layer"

    @property
    def words(self) -> dict[str, str]:
        """What a sentence may say of the scope, by the names that templates use."""
        return {
            "as_of_month": str(self.month),
            "universe": self.title,
            "layer_key": self.layer,
            "layer_title": self.layer_title,
            "company_id": self.company_id,
            "key": f"{self.month}, {self.universe}",
        }

    @property
    def partial(self) -> str:
        """Which months hold only a part of the rounds, as a sentence; empty where none does."""
        if not self.is_complete:
            return "No list of rounds says until when it is complete (`complete` in source.yml)."
        if self.month == self.latest_month:
            return ""
        return f"Later months, to {day(self.latest_month)}, hold only a part of the rounds."


def choose_scope(connection: duckdb.DuckDBPyConnection) -> Scope:
    """Return what the headlines speak of, and make views and variables of it that queries read.

    The views are those of scope.sql, the table is that of headlines.sql, the variables are
    `universe`, `month`, `layer`, `company_id` and `charted_from`. Raises NoRoundsError when the
    data hold no funding round.
    """
    scope = _speak_of(connection, _HEADLINE)
    if not scope:
        raise NoRoundsError("There is no funding round in these data: no share to show.")
    return scope


def choose_later_scope(connection: duckdb.DuckDBPyConnection) -> Scope | None:
    """Return what is complete for longest, such as large rounds only, with views as choose_scope.

    None when no universe is complete for longer than that of the headlines. Whoever goes on to
    speak of the headlines calls choose_scope again.
    """
    return _speak_of(connection, _LATER)


def _speak_of(connection: duckdb.DuckDBPyConnection, query: str) -> Scope | None:
    """Make the views and variables of the universe that a query finds, if any has rounds."""
    connection.execute(f"set variable universe = ({query})")
    connection.execute(_VIEWS.read_text(encoding="utf-8"))
    found = connection.execute("from headline").fetchone()
    if not found:
        return None
    scope = Scope(*found)
    _point_at(connection, scope)
    return scope


def _point_at(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Set the variables that queries read to a scope, and fill the table `headlines` by them."""
    for name in ("universe", "layer", "company_id"):
        connection.execute(f"set variable {name} = '{getattr(scope, name)}'")
    connection.execute(f"set variable month = date '{scope.month}'")
    connection.execute(f"set variable charted_from = date '{scope.charted_from}'")
    # A table: a dozen answers and data sets ask it.
    connection.execute(_TABLE.read_text(encoding="utf-8"))


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
