"""How the report prints values: for people in its tables, for programs in its downloads.

Belongs here: pure functions of a value, its column's name or its unit. Not here: which values.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from orchestration.report.headline import dollars, percent

# A spreadsheet would run a text that begins so.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CODES = ("cohort", "layer", "size_band", "exclusion", "evidence", "rule", "status")


def day(iso: str) -> str:
    """Return an ISO date as people write it: `30 June 2023`."""
    date = dt.date.fromisoformat(iso)
    return f"{date.day} {date:%B %Y}"


def cell(value: object, column: str) -> str:
    """Return a value for people, by what its column's name says that it holds."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value.replace("_", " ") if column in _CODES else value
    if isinstance(value, bool) or not isinstance(value, int | float) or column.endswith("_year"):
        return str(value)
    if "share" in column or column in ("coverage", "score_ratio"):
        return percent(value)
    if column.endswith("_usd"):
        return dollars(value)
    return _number(value)


def in_unit(value: float | None, unit: str | None) -> str:
    """Return a claim's value in the unit that the claim states."""
    unit = unit or ""
    if value is None:
        return "-"
    if unit == "USD":
        return dollars(value)
    return percent(value) if "share" in unit or unit == "score ratio" else _number(value)


def claimed(claim: dict[str, Any]) -> str:
    """Return what a claim says, with its operator: `about 70.0%`, `between $2.1Bn and $2.2Bn`."""
    ends = [claim["claimed_value"], claim["claimed_value_high"]]
    stated = [in_unit(value, claim["unit"]) for value in ends if value is not None]
    return f"{claim['operator']} {' and '.join(stated)}".strip()


def csv_text(rows: list[dict[str, Any]]) -> str:
    """Return rows as CSV: dates in ISO 8601, numbers in full, a text that could run made inert."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([_inert(value) for value in row.values()] for row in rows)
    return text.getvalue()


def csv_link(rows: list[dict[str, Any]]) -> str:
    """Return rows as a link that downloads them without a server."""
    return "data:text/csv;charset=utf-8," + quote(csv_text(rows), safe="/:,")


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _number(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


FILTERS: dict[str, Callable[..., Any]] = {
    "cell": cell,
    "claimed": claimed,
    "csv_link": csv_link,
    "day": day,
    "in_unit": in_unit,
    "percent": percent,
}
