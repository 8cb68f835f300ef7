"""Rows judged as dbt would judge them, without a warehouse.

Belongs here: the compiled SQL of the base models, and questions about the rows it judged. The
rules themselves are in dbt_project/models/staging/base, and nowhere else.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import config, files
from orchestration.dbt import run_dbt
from orchestration.publication import provenance
from orchestration.publication.contents import Rows, query
from orchestration.sources.kinds import Kind

_EXAMPLES = 3
_BASE_MODELS = Path("compiled", "genai_ledger", "models", "staging", "base")


def compiled_rules(home: config.Home) -> Path:
    """Return the folder of the base models' SQL; dbt compiles it once a state of the project."""
    kept = home.dbt_target / f"rules-{provenance.key('rules', provenance.dbt_project_hash())[:16]}"
    if not kept.exists():
        # Another check may be quicker: then its folder stays.
        with contextlib.suppress(OSError), files.replacing(kept) as partial:
            _compile(home.dbt_target / "partial_parse.msgpack", partial)
            for old in home.dbt_target.glob("rules-*"):
                shutil.rmtree(old, ignore_errors=True)
    return kept


def _compile(parsed: Path, rules: Path) -> None:
    target = rules.with_name("target")
    target.mkdir()
    if parsed.exists():
        shutil.copy(parsed, target)
    # Nothing is asked of a database, so a build that runs meanwhile is not disturbed.
    only = ["--select", "path:models/staging/base,resource_type:model"]
    run_dbt("compile", "--no-introspect", "--no-populate-cache", *only, target=target)
    (target / _BASE_MODELS).rename(rules)


def judge(rows: pa.Table, kind: Kind, rules: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory whose table `judged` holds the rows with their verdicts."""
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as work")
    connection.execute("create schema work.landing")
    connection.execute("use work.landing")
    connection.register("landed_rows", rows)
    connection.table("landed_rows").create(kind.name)
    sql = (rules / f"base_{kind.name}.sql").read_text(encoding="utf-8")
    connection.sql(sql).create("judged")
    return connection


def rows_by_sheet(judged: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Return how many rows of each sheet are accepted and how many rejected."""
    counted = judged.execute(
        "select _sheet, count(*) - count(reject_rule), count(reject_rule) from judged group by 1"
    )
    return {sheet: (accepted, rejected) for sheet, accepted, rejected in counted.fetchall()}


def rejects(judged: duckdb.DuckDBPyConnection) -> Rows:
    """Return each rule that rejects rows, how many, and the first of them."""
    rules = query(
        judged,
        "select reject_rule as rule, count(*) as rows from judged where reject_rule is not null "
        "group by 1 order by rows desc, rule",
    )
    examples = """
        select _sheet as sheet, _row as row, reject_column as column, reject_value as value,
            reject_reason as reason
        from judged where reject_rule = ? order by _sheet, _row limit ?
    """
    return [{**r, "examples": query(judged, examples, [r["rule"], _EXAMPLES])} for r in rules]


def money(judged: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    """Return a column's accepted money by currency, a range at its middle, in full units."""
    low, high, problem = f"{column}_low", f"{column}_high", f"{column}_problem"
    currencies = query(
        judged,
        f"""
        from judged
        select {column}_currency as currency, count(*) as rows, sum(({low} + {high}) / 2) as total
        where reject_rule is null and {low} is not null
        group by 1 order by rows desc, currency
        """,
    )
    silent = f"reject_rule is null and {low} is null and {problem} is null"
    [others] = query(
        judged,
        f"""
        from judged
        select count(*) filter ({silent}) as undisclosed, count({problem}) as not_understood
        """,
    )
    return {"column": column, "currencies": currencies, **others}


def dates(judged: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    """Return the range of a column's accepted dates, and how many have each precision."""
    day, dated = f"{column}_day", f"reject_rule is null and {column}_day is not null"
    [facts] = query(
        judged,
        f"""
        from judged
        select
            min({day}) filter ({dated})::text as first, max({day}) filter ({dated})::text as last,
            count(*) filter ({column} is null) as empty, count({column}_problem) as not_understood
        """,
    )
    precision = f"{column}_precision"
    precisions = judged.execute(
        f"from judged select {precision}, count(*) where {dated} group by 1 order by 2 desc, 1"
    )
    return {"column": column, **facts, "precisions": dict(precisions.fetchall())}
