"""Rows judged as dbt would judge them, without a warehouse.

Belongs here: the compiled SQL of the base models, and questions about the rows it judged. The
rules themselves are in dbt_project/models/staging/base, and nowhere else.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import config
from orchestration.publication.provenance import dbt_project_hash
from orchestration.sources.kinds import Kind

_EXAMPLES = 3
_BASE_MODELS = Path("compiled", "genai_ledger", "models", "staging", "base")

Facts = dict[str, Any]


def compiled_rules(place: config.Home) -> Path:
    """Return the folder of the base models' SQL; dbt compiles it once a state of the project."""
    kept = place.dbt_target / f"rules-{dbt_project_hash()[:16]}"
    if not kept.exists():
        place.dbt_target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.dbt_target) as target:
            parsed = place.dbt_target / "partial_parse.msgpack"
            if parsed.exists():
                shutil.copy(parsed, target)
            # Nothing is asked of a database, so a build that runs meanwhile is not disturbed.
            command = ["compile", "--no-introspect", "--no-populate-cache", "--target-path", target]
            command += ["--select", "path:models/staging/base,resource_type:model"]
            subprocess.run(
                [*config.DBT_COMMAND, "--quiet", *command],
                check=True,
                cwd=config.DBT_PROJECT,
                stdout=subprocess.DEVNULL,
            )
            for old in set(place.dbt_target.glob("rules-*")) - {kept}:
                shutil.rmtree(old, ignore_errors=True)
            with contextlib.suppress(OSError):  # another check was quicker
                (Path(target) / _BASE_MODELS).replace(kept)
    return kept


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


def rejects(judged: duckdb.DuckDBPyConnection) -> list[Facts]:
    """Return each rule that rejects rows, how many, and the first of them."""
    found = _facts(
        judged.sql(
            """
            select
                reject_rule as rule, _sheet as sheet, _row as row, reject_column as column,
                reject_value as value, reject_reason as reason,
                count(*) over (partition by reject_rule) as rows,
                row_number() over (partition by reject_rule order by _sheet, _row) as place
            from judged
            where reject_rule is not null
            qualify place <= $examples
            order by rows desc, rule, place
            """,
            params={"examples": _EXAMPLES},
        )
    )
    rules: dict[str, Facts] = {}
    for example in found:
        rule, rows = example.pop("rule"), example.pop("rows")
        del example["place"]
        rules.setdefault(rule, {"rule": rule, "rows": rows, "examples": []})["examples"] += [
            example
        ]
    return list(rules.values())


def money(judged: duckdb.DuckDBPyConnection, column: str) -> Facts:
    """Return a column's accepted money by currency, a range at its middle, in full units."""
    rows = judged.table("judged")
    accepted = rows.filter("reject_rule is null")
    stated = accepted.filter(f"{column}_low is not null")
    total = f"sum(({column}_low + {column}_high) / 2) as total"
    currencies = stated.aggregate(f"{column}_currency as currency, count(*) as rows, {total}")
    silent = accepted.filter(f"{column}_low is null and {column}_problem is null")
    return {
        "column": column,
        "currencies": _facts(currencies.order("rows desc, currency")),
        "undisclosed": len(silent),
        "not_understood": len(rows.filter(f"{column}_problem is not null")),
    }


def dates(judged: duckdb.DuckDBPyConnection, column: str) -> Facts:
    """Return the range of a column's accepted dates, and how many have each precision."""
    rows = judged.table("judged")
    dated = rows.filter(f"reject_rule is null and {column}_day is not null")
    ends = f"min({column}_day)::text as first, max({column}_day)::text as last"
    [span] = _facts(dated.aggregate(ends))
    precisions = dated.aggregate(f"{column}_precision as name, count(*) as rows")
    return {
        "column": column,
        **span,
        "precisions": dict(precisions.order("rows desc, name").fetchall()),
        "empty": len(rows.filter(f"{column} is null")),
        "not_understood": len(rows.filter(f"{column}_problem is not null")),
    }


def _facts(answer: duckdb.DuckDBPyRelation) -> list[Facts]:
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
