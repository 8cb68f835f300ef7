"""Which row of a report an analyst means, from the keys that were given.

Belongs here: turning `--month 2023-02` into a condition, and a sentence that helps when no row or
several fit. Not here: what the row's figures are made of (`figures`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

import duckdb

from orchestration.config import LedgerError, nearest
from orchestration.lineage.figure_queries import Condition, Report, Rows, query, reports
from orchestration.parsing.names import name_key

# Options in an analyst's words, each with the key columns that it may stand for.
OPTIONS = {
    "month": ("as_of_month", "released_month"),
    "quarter": ("quarter_start",),
    "day": ("released_on",),
    "layer": ("layer",),
    "company": ("company_id",),
    "size-band": ("size_band",),
    "universe": ("universe",),
    "founded-from": ("founded_from_year",),
    "organisation-type": ("organisation_type",),
    "model": ("model_id", "root_model_id"),
    "reference": ("reference_model_id",),
    "product": ("product",),
    "milestone": ("milestone",),
    "round": ("round_id",),
}
# What can be traced by its name, and the report and option that say so.
ENTITIES = {
    "company": ("dim_companies", "company"),
    "round": ("fct_funding_rounds", "round"),
    "model": ("models", "model"),
}
VALUES_SHOWN = 8
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)


class NotFoundError(LedgerError):
    """No row, or not one row, is meant; the message is one sentence that says what to add."""


def report_named(name: str) -> Report:
    """Return a report by name. Raises NotFoundError when there is none."""
    if name not in reports():
        raise NotFoundError(f"{name} can't be traced; {nearest(name, reports())}")
    return reports()[name]


def asked(
    what: str, name: str | None, keys: Iterable[str], given: Mapping[str, str | None]
) -> tuple[Report, dict[str, str]]:
    """Return the report and the keys that a command line means.

    `what` is a report or an entity with its `name`; `keys` are COLUMN=VALUE; `given` are options,
    null where they were not used. Raises NotFoundError when that makes no sense.
    """
    chosen = {option.replace("_", "-"): value for option, value in given.items() if value}
    for key in keys:
        column, equals, value = key.partition("=")
        if not equals:
            raise NotFoundError(f"--key takes COLUMN=VALUE, not {key!r}.")
        chosen[column] = value
    if what not in ENTITIES:
        if name:
            raise NotFoundError(f"{name!r} is too much: a report's row is chosen by options.")
        return report_named(what), chosen
    report, option = ENTITIES[what]
    if not name:
        raise NotFoundError(f"Say which {what}: genai-ledger trace {what} NAME.")
    return report_named(report), {option: name, **chosen}


def condition(report: Report, given: Mapping[str, str]) -> Condition:
    """Return the condition for keys given by option or by column.

    Raises NotFoundError when the report has no such key.
    """
    conditions = [_of_key(report, option, value) for option, value in given.items()]
    sql = " and ".join(f"({c.sql})" for c in conditions) or "true"
    return Condition(sql, [value for c in conditions for value in c.parameters])


def _of_key(report: Report, option: str, value: str) -> Condition:
    keys = [key for key in OPTIONS.get(option, (option,)) if key in report.keys]
    if not keys:
        named = ", ".join(option_of(key) for key in report.keys)
        raise NotFoundError(f"{report.name} has no {option}: its rows are chosen by {named}.")
    key = keys[0]
    if key.endswith("_id") and key != "round_id":
        return _named(key, value)
    if _QUARTER.fullmatch(value):
        value = _QUARTER.sub(lambda found: f"{found[1]}-{3 * int(found[2]) - 2:02}", value)
    if key.endswith("_usd"):
        return Condition(f"abs({key} - try_cast(? as double)) < 0.005", [value])
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", value):
        return Condition(f"starts_with(cast({key} as varchar), ?)", [value])
    return Condition(f"lower({key}::varchar) = lower(?)", [value])


def _named(key: str, value: str) -> Condition:
    """Accept a key, a name as printed, or any name that stands for the company."""
    sql = f"lower({key}) = lower(?) or lower({key.removesuffix('_id')}) = lower(?) or {key} = ?"
    parameters = [value, value, name_key(value)]
    if key == "company_id":
        sql += " or company_id in (select company_id from audit.company_names where name_key = ?)"
        parameters.append(name_key(value))
    return Condition(sql, parameters)


def option_of(key: str) -> str:
    """Return the option that chooses by a key column."""
    named = (option for option, columns in OPTIONS.items() if key in columns)
    return f"--{next(named, f'key {key}=')}"


def need_one(
    connection: duckdb.DuckDBPyConnection, report: Report, rows: Rows, given: Mapping[str, str]
) -> None:
    """Raise NotFoundError unless exactly one row was chosen, saying which keys would choose it."""
    if len(rows) == 1:
        return
    asked = " and ".join(f"{option} {value}" for option, value in given.items()) or "these keys"
    if rows:
        missing = {key: {row[key] for row in rows} for key in report.keys}
        texts = [f"{option_of(k)} ({_listed(v)})" for k, v in missing.items() if len(v) > 1]
        raise NotFoundError(
            f"{len(rows):,} rows of {report.name} fit {asked}; choose by {' and '.join(texts)}."
        )
    if report.of or report.name.startswith(("dim_", "fct_")):
        raise NotFoundError(f"There is no {' or '.join(given)} {' '.join(given.values())!r}.")
    every = f"select distinct {', '.join(report.keys)} from marts.{report.name}"  # noqa: S608
    everything = query(connection, every)
    known = [f"{option_of(key)} ({_listed(row[key] for row in everything)})" for key in report.keys]
    raise NotFoundError(f"No row of {report.name} fits {asked}; there are {', '.join(known)}.")


def _listed(values: Iterable[object]) -> str:
    known = sorted({value for value in values if value is not None}, key=str)
    if len(known) > VALUES_SHOWN and isinstance(known[0], dt.date | int | float):
        return f"{known[0]} to {known[-1]}"
    more = f" and {len(known) - VALUES_SHOWN:,} more" if len(known) > VALUES_SHOWN else ""
    return ", ".join(map(str, known[:VALUES_SHOWN])) + more
