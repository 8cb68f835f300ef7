"""Rules of dbt-bouncer: models and seeds use what both DuckDB and Spark have, and mean alike.

Not here: the names and folders of models (`dbt-bouncer.yml`), and the macros in which engines
differ (`docs/scale.md` lists them).
"""

import re

from dbt_bouncer.check_framework.decorator import check, fail
from dbt_bouncer.sql_utils import neutralize_jinja

# Of one engine, or of another meaning in each: a pattern, and why it may not stand in a model.
_OF_ONE_ENGINE = {
    r"\bqualify\b": "QUALIFY is unknown to Spark: number the rows in one step, choose in the next",
    r"\b(group|order) by all\b": "ALL means other columns in each engine: name the columns",
    r"\bfilter\s*\(": "FILTER is DuckDB's habit: put a case into the aggregate",
    r"\bdistinct on\b": "DISTINCT ON is unknown to Spark: number the rows and keep the first",
    r"\b(asof|positional|semi|anti) join\b": "this join is spelled or meant otherwise on Spark",
    r"\b(exclude|except|replace)\s*\([^)]*\)\s*from\b": "a star without some columns is spelled "
    "otherwise on Spark: name the columns",
    r"\[": "lists are read otherwise on Spark: use the macro split_rows or json_elements",
    r"\blateral\b": "LATERAL takes other forms on Spark: use a macro that is dispatched",
    r"->": "arrows into JSON are DuckDB's: use the macro json_text",
    r"//": "whole division is DuckDB's: divide, then floor",
    r"!?~": "this operator for patterns is DuckDB's: use like",
    r"\b(ilike|similar to|glob)\b": "this match is not the same on Spark: use lower and like",
    r"\busing sample\b|\btablesample\b": "a sample differs with engine and run",
    r"\bcast\s*\([^()]* as (var)?char\b": "this type is not Spark's: use dbt.type_string()",
}
# Functions that both engines have, found to return the same; before a bracket also SQL's own words.
_FUNCTIONS = {
    *("abs", "avg", "cast", "ceil", "coalesce", "concat", "count", "dense_rank", "extract"),
    *("first_value", "floor", "greatest", "lag", "last_value", "lead", "least", "length"),
    *("levenshtein", "lower", "make_date", "max", "min", "nullif", "rank", "replace", "round"),
    *("row_number", "sqrt", "substring", "sum", "trim", "unpivot", "upper"),
}
_WORDS = {
    *("and", "as", "by", "case", "distinct", "else", "exists", "except", "from", "in", "intersect"),
    *("join", "not", "on", "or", "over", "partition", "select", "then", "union", "using", "values"),
    *("when", "where", "all"),
}
# Never missing where models sort by them. What may be missing comes first on Spark, last on DuckDB.
_NEVER_MISSING = {
    *("announced_not_before", "announced_on", "as_of", "as_of_month", "choice", "company"),
    *("company_id", "company_key", "days_apart", "held_usd", "is_stale", "is_unknown", "kind"),
    *("known_rank", "model_id", "name_text", "other_company_id", "other_round_id", "other_row_id"),
    *("priority", "quarter_start", "rank_of_claim", "rate_date", "root", "round_id", "row_number"),
    *("source", "source_row_id", "valued_on"),
}
# By these names both engines know a type.
_TYPES = {"bigint", "boolean", "date", "double", "integer", "string", "timestamp"}


@check
def check_model_runs_on_both_engines(model):
    """Hold the SQL of a model, its macros apart, to what DuckDB and Spark both have."""
    bare = re.sub(r"--[^\n]*", "", neutralize_jinja(model.raw_code))
    code = re.sub(r"'[^']*'", "''", bare).lower()
    for pattern, reason in _OF_ONE_ENGINE.items():
        if found := re.search(pattern, code):
            fail(f"`{model.name}` has `{found[0].strip()}`: {reason}.")
    for key in sorted(_sort_keys(code) - _NEVER_MISSING):
        fail(
            f"`{model.name}` sorts by `{key}`: where it is missing, a row comes first on Spark and "
            "last on DuckDB. Say `nulls last`, or name it in dbt_checks/manifest/check_engines.py "
            "if it never is."
        )
    named = re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", code)
    for name in sorted(set(named) - _FUNCTIONS - _WORDS):
        if not name.startswith("_dbt_bouncer_jinja"):
            fail(
                f"`{model.name}` calls `{name}`, which is not among the functions known to mean "
                "the same on DuckDB and on Spark: use one that is, or a macro that is dispatched; "
                "if both have it, name it in dbt_checks/manifest/check_engines.py."
            )


def _sort_keys(code: str) -> set[str]:
    """Return the columns that windows sort by upwards, without a word on missing values."""
    keys = []

    def without_brackets(found: re.Match[str]) -> str:
        _, _, sorted_by = found[1].partition("order by")
        keys.extend(sorted_by.partition(" rows between")[0].split(","))
        return "[]"

    count = 1
    while count:  # from the inside out
        code, count = re.subn(r"\(([^()]*)\)", without_brackets, " ".join(code.split()))
    return {key.strip().rpartition(".")[2] for key in keys if re.fullmatch(r"\s*[\w.]+\s*", key)}


@check
def check_seed_types_are_of_both_engines(seed):
    """Hold the types of a seed's columns to those that DuckDB and Spark both know."""
    for column, type_ in (getattr(seed.config, "column_types", None) or {}).items():
        if type_ not in _TYPES:
            fail(
                f"`{seed.name}` gives `{column}` the type `{type_}`, which Spark may not know: "
                f"use one of {', '.join(sorted(_TYPES))}."
            )
