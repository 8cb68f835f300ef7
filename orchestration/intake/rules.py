"""Rows judged as dbt would judge them, without a warehouse.

Belongs here: the compiled SQL of the base models, and questions about the rows it judged. The
rules themselves are in dbt_project/models/staging/base, and nowhere else.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import config, files
from orchestration.publication import provenance
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
    command = ["compile", "--no-introspect", "--no-populate-cache", "--target-path", str(target)]
    command += [
        "--target",
        config.DBT_TARGET,
        "--select",
        "path:models/staging/base,resource_type:model",
    ]
    subprocess.run(
        [*config.DBT_COMMAND, "--quiet", *command],
        check=True,
        cwd=config.DBT_PROJECT,
        stdout=subprocess.DEVNULL,
    )
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


def rejects(judged: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return each rule that rejects rows, how many, and the first of them."""
    rejected = judged.table("judged").filter("reject_rule is not null")
    counts = rejected.aggregate("reject_rule, count(*) as rows").order("rows desc, reject_rule")
    example = (
        "_sheet as sheet, _row as row, reject_column as column, reject_value as value, "
        "reject_reason as reason"
    )
    return [
        {
            "rule": rule,
            "rows": rows,
            "examples": _rows(
                rejected.filter(f"reject_rule = '{rule}'")
                .order("_sheet, _row")
                .limit(_EXAMPLES)
                .project(example)
            ),
        }
        for rule, rows in counts.fetchall()
    ]


def money(judged: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    """Return a column's accepted money by currency, a range at its middle, in full units."""
    rows = judged.table("judged")
    accepted = rows.filter("reject_rule is null")
    stated = accepted.filter(f"{column}_low is not null")
    total = f"sum(({column}_low + {column}_high) / 2) as total"
    currencies = stated.aggregate(f"{column}_currency as currency, count(*) as rows, {total}")
    silent = accepted.filter(f"{column}_low is null and {column}_problem is null")
    return {
        "column": column,
        "currencies": _rows(currencies.order("rows desc, currency")),
        "undisclosed": len(silent),
        "not_understood": len(rows.filter(f"{column}_problem is not null")),
    }


def dates(judged: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    """Return the range of a column's accepted dates, and how many have each precision."""
    rows = judged.table("judged")
    dated = rows.filter(f"reject_rule is null and {column}_day is not null")
    ends = f"min({column}_day)::text as first, max({column}_day)::text as last"
    [span] = _rows(dated.aggregate(ends))
    precisions = dated.aggregate(f"{column}_precision as name, count(*) as rows")
    return {
        "column": column,
        **span,
        "precisions": dict(precisions.order("rows desc, name").fetchall()),
        "empty": len(rows.filter(f"{column} is null")),
        "not_understood": len(rows.filter(f"{column}_problem is not null")),
    }


def _rows(answer: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer.to_arrow_table().to_pylist()
    return rows
