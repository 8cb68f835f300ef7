"""Lineage of SQL: what a column is made of, and that nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.lineage import columns, of_sql
from orchestration.lineage.edges import ColumnPath, Edge

CATALOGUE = {
    "work": {
        "staging": {"rounds": {"company": "VARCHAR", "usd": "DOUBLE"}},
        "seeds": {"layers": {"company": "VARCHAR", "layer": "VARCHAR"}},
        "marts": {"shares": {"made": "VARCHAR"}},
    }
}
COMPANY = ColumnPath("staging", "rounds", "company")
USD = ColumnPath("staging", "rounds", "usd")
LAYER = ColumnPath("seeds", "layers", "layer")
MADE = ColumnPath("marts", "shares", "made")


MODEL = {"resource_type": "model", "database": "work", "schema": "marts", "name": "shares"}
MANIFEST: dict[str, Any] = {
    "nodes": {"model.shares": {**MODEL, "depends_on": {"nodes": []}}},
    "sources": {},
}


def edges_of(sql: str) -> set[tuple[ColumnPath | None, str]]:
    """Return upstream and transformation of the column `made` of a model with this SQL."""
    edges = list(columns.of_dbt(MANIFEST, {"model.shares": sql}, CATALOGUE, {}))
    assert {edge.downstream for edge in edges} == {MADE}
    return {(edge.upstream, edge.transformation) for edge in edges}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select company as made from work.staging.rounds", {(COMPANY, "copied")}),
        ("with r as (select * from work.staging.rounds) select usd as made from r",
         {(USD, "copied")}),
        ("select upper(company) as made from work.staging.rounds", {(COMPANY, "computed")}),
        ("select sum(usd) as made from work.staging.rounds group by company",
         {(USD, "aggregated")}),
        ("select usd / sum(usd) over (order by company) as made from work.staging.rounds",
         {(USD, "aggregated"), (COMPANY, "aggregated")}),
        # A join decides which rows there are, not where this value comes from.
        ("select layers.layer as made from work.staging.rounds "
         "inner join work.seeds.layers on rounds.company = layers.company", {(LAYER, "copied")}),
        ("select coalesce(layer, rounds.company) as made from work.staging.rounds "
         "left join work.seeds.layers on rounds.company = layers.company",
         {(LAYER, "computed"), (COMPANY, "computed")}),
        ("select company as made from work.staging.rounds union all "
         "select layer from work.seeds.layers", {(COMPANY, "copied"), (LAYER, "copied")}),
        ("select count(*) as made from work.staging.rounds",
         {(COMPANY._replace(column=None), "counted")}),
        ("with r as (select * from work.staging.rounds), c as (select count(*) as n from r) "
         "select n as made from c", {(COMPANY._replace(column=None), "counted")}),
        ("select 'all' as made from work.staging.rounds", {(None, "constant")}),
        ("select generate_series as made from generate_series(1, 9)", {(None, "constant")}),
    ],
)  # fmt: skip
def test_a_column_is_made_of_what_its_sql_selects(
    sql: str, expected: set[tuple[ColumnPath | None, str]]
) -> None:
    assert edges_of(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "select made from",
        "select other from work.staging.rounds",
        "select made from nobody_knows_this",
        "select * from work.staging.unheard_of",
    ],
)
def test_what_cannot_be_followed_is_said_to_be_so(sql: str) -> None:
    assert edges_of(sql) == {(None, "unresolved")}


def test_origins_lead_back_over_all_steps_to_what_landed() -> None:
    landed = ColumnPath("landing", "rounds", "amount")
    low = ColumnPath("landing", "rounds", "amount_low")
    constant = ColumnPath("marts", "shares", "cohort")
    lost, further = ColumnPath("marts", "shares", "lost"), ColumnPath("marts", "totals", "lost")
    upstream = columns.by_column(
        [
            Edge(ColumnPath("file", "raw/rounds.csv", "Amount"), landed, "read"),
            Edge(landed, low, "parsed"),
            Edge(low, USD, "copied"),
            Edge(USD, MADE, "aggregated"),
            Edge(LAYER, MADE, "aggregated"),
            Edge(None, constant, "constant"),
            Edge(constant, MADE, "computed"),
            Edge(None, lost, "unresolved"),
            Edge(lost, further, "copied"),
        ]
    )
    origins = columns.origins(upstream)
    assert origins[MADE] == frozenset({landed, LAYER})
    assert origins[constant] == frozenset()
    assert origins[lost] is origins[further] is None


def test_sql_is_followed_again_only_where_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "select company as made from work.staging.rounds"
    known: columns.ModelEdges = {}
    first = list(columns.of_dbt(MANIFEST, {"model.shares": sql}, CATALOGUE, known))
    with monkeypatch.context() as without:
        without.setattr(of_sql, "lineage", None)  # what can't be called wasn't
        assert list(columns.of_dbt(MANIFEST, {"model.shares": sql}, CATALOGUE, known)) == first
    changed = sql.replace("company", "usd")
    second = list(columns.of_dbt(MANIFEST, {"model.shares": changed}, CATALOGUE, known))
    assert second == [Edge(USD, MADE, "copied")]
