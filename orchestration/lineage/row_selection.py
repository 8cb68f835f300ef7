"""Which row of a report an analyst means, from the keys that were given.

Belongs here: turning `--month 2023-02` into a condition, and a sentence that helps when no row or
several fit. Not here: what the row's figures rest on (`figure_queries`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import duckdb

from orchestration.config import LedgerError, closest, nearest
from orchestration.lineage.figure_queries import Condition, Report, chosen_rows, reports
from orchestration.parsing.names import name_key
from orchestration.publication.contents import query

# Options in an analyst's words, each with the key columns that it may stand for.
OPTIONS = {
    "month": ("as_of_month", "released_month"),
    "quarter": ("quarter_start",),
    "day": ("released_on",),
    "universe": ("universe",),
    "layer": ("layer",),
    "company": ("company_id",),
    "size-band": ("size_band",),
    "founded-from": ("founded_from_year",),
    "organisation-type": ("organisation_type",),
    "model": ("model_id", "root_model_id"),
    "reference": ("reference_model_id",),
    "product": ("product",),
    "milestone": ("milestone",),
    "round": ("round_id",),
}
# What can be traced by its name, and the table and option that say so.
ENTITIES = {
    "company": ("dim_companies", "company"),
    "round": ("fct_funding_rounds", "round"),
    "model": ("models", "model"),
}
VALUES_SHOWN = 8
# Options that take a date or its beginning, with how one is written.
_DATES = {"month": "2023-02", "quarter": "2023Q1", "day": "2023-02-28"}
_NAMED = ("company_id", "model_id", "root_model_id", "reference_model_id")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)


class Request(NamedTuple):
    """A row of a report: values of its keys, by option or by column."""

    report: str
    keys: dict[str, str]


def parse_request(
    what: str, name: str | None, columns: Iterable[str], options: Mapping[str, str | None]
) -> Request:
    """Return the row that a command line means.

    `what` is a report or an entity with its `name`; `columns` are COLUMN=VALUE; `options` are null
    where they were not used. Raises LedgerError when that makes no sense.
    """
    keys = {option.replace("_", "-"): value for option, value in options.items() if value}
    for column in columns:
        key, equals, value = column.partition("=")
        if not equals:
            raise LedgerError(f"--key takes COLUMN=VALUE, not {column!r}.")
        keys[key] = value
    if what not in ENTITIES:
        if name:
            raise LedgerError(f"{name!r} is too much: a report's row is chosen by options.")
        return Request(what, keys)
    report, option = ENTITIES[what]
    if not name:
        raise LedgerError(f"Say which {what}: genai-ledger trace {what} NAME.")
    return Request(report, {option: name, **keys})


def choose_row(connection: duckdb.DuckDBPyConnection, request: Request) -> tuple[Report, Condition]:
    """Return the report and the condition that chooses the one row that is meant.

    Raises LedgerError when there is no such report or key, or the keys don't choose one row; it
    says which keys would.
    """
    known = reports(connection)
    if request.report not in known:
        raise LedgerError(f"{request.report} can't be traced; {nearest(request.report, known)}")
    report = known[request.report]
    conditions = [_of_key(report, option, value) for option, value in request.keys.items()]
    condition = Condition(
        " and ".join(f"({c.sql})" for c in conditions) or "true",
        [value for c in conditions for value in c.parameters],
    )
    rows = chosen_rows(connection, report, condition)
    if len(rows) == 1:
        return report, condition
    given = " and ".join(f"{option} {value}" for option, value in request.keys.items())
    if rows:
        values = {key: {row[key] for row in rows if row[key] is not None} for key in report.keys}
        texts = [f"{_option_of(k)} ({_listed(v)})" for k, v in values.items() if len(v) > 1]
        fit = f"{len(rows):,} rows of {report.name} fit {given or 'these keys'}"
        raise LedgerError(f"{fit}; choose by {' and '.join(texts)}.")
    for (option, value), alone in zip(request.keys.items(), conditions, strict=True):
        if not chosen_rows(connection, report, alone):
            raise LedgerError(_unknown(connection, report, option, value))
    raise LedgerError(
        f"No row of {report.name} fits {given} together, though each of them fits some: leave one "
        "out to see what goes with the others."
    )


def _unknown(connection: duckdb.DuckDBPyConnection, report: Report, option: str, value: str) -> str:
    """Say that no row has a value of a key, and which one was probably meant, or what there is."""
    key = _key_of(report, option)
    is_entity = not report.name.startswith("rpt_")
    nothing = (
        f"There is no {option} {value!r}"
        if is_entity
        else (f"{report.name} has no {option} {value!r}")
    )
    columns = [key, key.removesuffix("_id")] if key in _NAMED else [key]
    rows = query(connection, f"select distinct {', '.join(columns)} from {report.table}")  # noqa: S608
    known = [{row[column] for row in rows if row[column] is not None} for column in columns]
    if option in _DATES:
        return f"{nothing}; there are {_listed(known[0])}."
    # By its name, before its key.
    if close := next(filter(None, (closest(value, set(map(str, v))) for v in known[::-1])), None):
        return f"{nothing}; did you mean {close!r}?"
    if is_entity:
        return f"{nothing}, and none of a name like it."
    return f"{nothing}; there are {_listed(known[0])}."


def _key_of(report: Report, option: str) -> str:
    keys = [key for key in OPTIONS.get(option, (option,)) if key in report.keys]
    if not keys:
        named = ", ".join(map(_option_of, report.keys))
        raise LedgerError(f"{report.name} has no {option}: its rows are chosen by {named}.")
    return keys[0]


def _dated(option: str, value: str) -> str:
    """Return a date or its beginning in ISO 8601. Raises LedgerError for what is none."""
    iso = _QUARTER.sub(lambda match: f"{match[1]}-{3 * int(match[2]) - 2:02}", value)
    try:
        if not re.fullmatch(r"\d{4}(-\d\d){0,2}", iso):
            raise ValueError
        dt.date.fromisoformat(f"{iso}-01-01"[:10])
    except ValueError:
        raise LedgerError(
            f"--{option} {value} is no {option}; write it as {_DATES[option]}."
        ) from None
    return iso


def _of_key(report: Report, option: str, value: str) -> Condition:
    key = _key_of(report, option)
    if option in _DATES:
        value = _dated(option, value)
    if key == "company_id":
        names = "select company_id from audit.company_names where name_key = ?"
        is_it = f"{key} = ? or lower(company) = lower(?) or {key} in ({names})"
        return Condition(is_it, [value, value, name_key(value)])
    if key.endswith("model_id"):
        ids = [value, name_key(value)]
        exact = f"{key} in (?, ?)"
        by_name = f"lower({key.removesuffix('_id')}) = lower(?)"
        nobody = f"not exists (from {report.table} where {exact})"
        return Condition(f"{exact} or {by_name} and {nobody}", [*ids, value, *ids])
    if key.endswith("_usd"):
        return Condition(f"abs({key} - try_cast(? as double)) < 0.005", [value])
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", value):
        return Condition(f"starts_with(cast({key} as varchar), ?)", [value])
    return Condition(f"lower({key}::varchar) = lower(?)", [value])


def _option_of(key: str) -> str:
    options = (option for option, columns in OPTIONS.items() if key in columns)
    return f"--{next(options, f'key {key}=')}"


def _listed(values: Iterable[object]) -> str:
    known = sorted(values, key=str)
    if len(known) > VALUES_SHOWN and isinstance(known[0], dt.date | int | float):
        return f"{known[0]} to {known[-1]}"
    more = f" and {len(known) - VALUES_SHOWN:,} more" if len(known) > VALUES_SHOWN else ""
    return ", ".join(map(str, known[:VALUES_SHOWN])) + more
