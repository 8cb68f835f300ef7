"""How the report prints values: for people in its tables, for programs in its downloads.

Belongs here: pure functions of a value, its column's name or its unit. Not here: which values.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

WHOLE_FROM = 1000  # larger numbers have no decimals and lose no digit: an index of 4,753
# Ties away from zero, as people and JavaScript round: $112.5MM is $113MM.
_THREE_FIGURES = decimal.Context(prec=3, rounding=decimal.ROUND_HALF_UP)
_UNITS = ((1e12, "Tn"), (1e9, "Bn"), (1e6, "MM"), (1e3, "K"))
# Codes that underscores alone don't explain, and columns whose name is no header for people.
VALUES = {
    "model_platform": "Model platform",
    "mlops": "MLOps",
    "infrastructure": "Infrastructure",
    "application": "Application",
    "up_to_10m": "up to $10MM",
    "10m_to_50m": "$10MM to $50MM",
    "50m_to_100m": "$50MM to $100MM",
    "50m_and_more": "$50MM and more",
    "100m_and_more": "$100MM and more",
    "non_profit": "non-profit",
}
HEADERS = {
    # One definition: who disclosed no amount at all is in no count of companies.
    "companies": "companies with amounts",
    "as_of_month": "to the end of",
    "hq_country": "country",
    "quarter_start": "quarter from",
    "universe_title": "universe",
    "source_url": "source",
    "url": "source",
    "ytd_usd": "this year so far",
    "prior_year_usd": "the year before",
    "ytd_multiple": "times the year before",
    "hhi": "HHI (0 to 10,000)",
    "gini": "Gini index",
    "share_of_all": "share of all dollars",
    "share_of_layer": "share of its layer's dollars",
    "share_of_usd": "share of dollars",
    "model_access": "access to its models",
    "releases_per_day_30d": "a day, mean of 30 days",
    "original_releases": "without copies",
    "original_releases_per_day_30d": "a day without copies, mean of 30 days",
    "releases_to_date": "dated releases so far",
    "file_row": "row",
}
CODES = ("layer", "size_band", "evidence", "rule", "status", "organisation_type", "release_form")
FRACTIONS = ("coverage", "score_ratio")  # beside columns whose name says that they are a share


def day(date: dt.date | str) -> str:
    """Return a date, or its ISO text, as people write it: `30 June 2023`."""
    date = dt.date.fromisoformat(str(date))
    return f"{date.day} {date:%B %Y}"


def three_figures(value: float) -> str:
    """Return a number in three significant figures, zeros kept: `9.88`, `12.0`, `0.883`, `270`."""
    rounded = _rounded(value)
    return f"{rounded:,.{max(0, 2 - rounded.adjusted())}f}"


def dollars(amount: float | None) -> str:
    """Return US dollars as people write them, in three figures: `$12.1Bn`, `$2.15Bn`, `$270MM`.

    Below a thousand they are whole dollars. printing.js has the same rule for the page.
    """
    if amount is None or pd.isna(amount):
        return "-"
    sign = "-" if amount < 0 else ""
    # Rounded first: 999.6 million is $1.00Bn, 9.996 billion $10.0Bn.
    rounded = abs(_rounded(amount))
    for size, unit in _UNITS:
        if rounded >= size:
            return f"{sign}${three_figures(float(rounded) / size)}{unit}"
    return f"{sign}${math.floor(abs(amount) + 0.5)}"


def percent(share: float | None) -> str:
    """Return a fraction as a percentage with one decimal."""
    return "-" if share is None or pd.isna(share) else f"{100 * share:.1f}%"


def cell(value: object, column: str) -> str:
    """Return a value for people, by what its column's name says that it holds."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "-"
    if isinstance(value, str):
        return in_words(value) if column in CODES else value
    if isinstance(value, bool) or not isinstance(value, int | float) or column.endswith("_year"):
        return str(value)
    if "share" in column or column in FRACTIONS:
        return percent(value)
    if column == "hhi":  # points of 0 to 10,000
        return f"{value:,.0f}"
    return dollars(value) if column.endswith("_usd") else _number(value)


def in_words(code: str) -> str:
    """Return a code as people write it: `Model platform`, `$10MM to $50MM`."""
    return VALUES.get(code, code.replace("_", " "))


def header(column: Hashable) -> str:
    """Return a column's name in words; its values show their unit."""
    return HEADERS.get(str(column), str(column).removesuffix("_usd").replace("_", " "))


def sentence(template: str, row: Mapping[str, Any]) -> str:
    """Fill a template's {columns} with a row's values, as a sentence has them: dates in words."""

    def said(found: re.Match[str]) -> str:
        value = row[found[1]]
        return day(value) if _is_date(value) else cell(value, found[1])

    return re.sub(r"\{(\w+)\}", said, template)


def _is_date(value: object) -> bool:
    return isinstance(value, dt.date) or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)))


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
    stated = [in_unit(value, claim["unit"]) for value in ends if not pd.isna(value)]
    return f"{claim['operator']} {' and '.join(stated)}".strip()


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as Python's own values under their columns' names; what is missing is None."""
    found: list[dict[str, Any]] = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return found


def markdown(rows: pd.DataFrame) -> str:
    """Return rows as a table of Markdown, numbers to the right."""
    is_number = [pd.api.types.is_numeric_dtype(kind) for kind in rows.dtypes]
    lines = [
        [header(column) for column in rows],
        ["---:" if number else "---" for number in is_number],
        *([cell(value, column) for column, value in row.items()] for row in records(rows)),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rounded(value: float) -> decimal.Decimal:
    return _THREE_FIGURES.create_decimal_from_float(float(value))


def _number(value: float) -> str:
    is_whole = isinstance(value, int) or value.is_integer() or abs(value) >= WHOLE_FROM
    return f"{value:,.0f}" if is_whole else three_figures(value)


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (cell, claimed, day, header, in_unit, percent, records, sentence)
}
