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
import pyarrow as pa

WHOLE_FROM = 1000  # larger numbers have no decimals and lose no digit: an index of 4,753
# Ties away from zero, as people and JavaScript round: $112.5MM is $113MM.
_THREE_FIGURES = decimal.Context(prec=3, rounding=decimal.ROUND_HALF_UP)
_UNITS = ((1e12, "Tn"), (1e9, "Bn"), (1e6, "MM"), (1e3, "K"))
# By column, codes that underscores alone don't explain; its others are read without underscores.
VALUES: Mapping[str, Mapping[str, str]] = {
    "layer": {
        "model_platform": "Model platform",
        "mlops": "MLOps",
        "infrastructure": "Infrastructure",
        "application": "Application",
        "unknown": "in no market map",
    },
    "size_band": {
        "up_to_10m": "up to $10MM",
        "10m_to_50m": "$10MM to $50MM",
        "50m_to_100m": "$50MM to $100MM",
        "50m_and_more": "$50MM and more",
        "100m_and_more": "$100MM and more",
    },
    "model_access": {
        "closed": "closed models",
        "open": "open models",
        "mixed": "some open, some closed",
        "none": "no model released",
        "unknown": "not known",
    },
    "organisation_type": {"non_profit": "non-profit", "unknown": "not stated"},
    **{column: {} for column in ("evidence", "kind", "rule", "status", "release_form")},
}
# Columns whose name is no header for people.
HEADERS = {
    # One definition: who disclosed no amount at all is in no count of companies.
    "companies": "companies with amounts",
    "as_of_month": "to the end of",
    "hq_country": "country",
    "quarter_start": "quarter from",
    "universe_title": "universe",
    "source_url": "source",
    "url": "source",
    "file_row": "row",
    # of a universe and a month
    "model_platform_share": "share of model platforms",
    "mlops_share": "share of MLOps",
    "infrastructure_share": "share of infrastructure",
    "application_share": "share of applications",
    "unknown_layer_share": "share in no market map",
    "model_and_mlops_share": "share of model platforms and MLOps",
    "lowest_model_and_mlops_share": "its lowest of all universes",
    "highest_model_and_mlops_share": "its highest of all universes",
    "largest_company_share": "largest company's share",
    "layer_usd": "raised by the layer",
    "layer_companies": "the layer's companies with amounts",
    "hhi": "HHI (0 to 10,000)",
    "gini": "Gini index",
    "effective_companies": "as if so many equal companies",
    "top_1_share": "share of the layer's largest",
    **{f"top_{n}_share": f"share of its largest {n}" for n in (3, 5, 10)},
    "closed_share": "share with closed models",
    "open_share": "share with open models",
    "leader": "the layer's largest company",
    "leader_share_of_layer": "its share of the layer's dollars",
    "leader_round_usd": "its largest round",
    "leader_round_on": "announced on",
    "company_usd": "raised by the company",
    "company_share": "company's share of all dollars",
    "company_share_of_layer": "company's share of its layer's dollars",
    "lowest_company_share": "the company's lowest share of all universes",
    "highest_company_share": "the company's highest share of all universes",
    "moving_company": "largest round of the month, by",
    "moving_round_usd": "largest round of the month",
    "layer_moving_company": "largest round of the month in the layer, by",
    "layer_moving_round_usd": "largest round of the month in the layer",
    "ytd_usd": "this year so far",
    "prior_year_usd": "the year before",
    "ytd_multiple": "times the year before",
    "largest_round_share": "share of this year's largest round",
    "largest_round_usd": "this year's largest round",
    "other_rounds_usd": "this year's other rounds",
    "other_rounds_multiple": "these, times the year before",
    # of companies, rounds and valuations
    "share_of_all": "share of all dollars",
    "share_of_layer": "share of its layer's dollars",
    "share_of_usd": "share of dollars",
    "share_of_companies": "share of companies, the smallest first",
    "model_access": "access to its models",
    "is_mapped": "in a market map",
    "is_mega_round": "$100MM or more",
    "amount_text": "amount as stated",
    "is_stale": "stated over two years before",
    "founded_from_year": "founded in or after",
    "dropped_company": "largest company that the year drops",
    "unknown_year_usd": "of companies without a year",
    "times_average_round": "times the average round",
    "is_partial": "only a part of the quarter",
    # of models
    "list_title": "list",
    "releases_per_day_30d": "a day, mean of 30 days",
    "original_releases": "without copies",
    "original_releases_per_day_30d": "a day without copies, mean of 30 days",
    "max_in_day_to_date": "on the busiest day so far",
    "releases_to_date": "dated releases so far",
    "undated_to_date": "models without a date",
    "share_under_6_months": "share under six months old",
    "organisation_type": "kind of organisation",
    "parameters_max_bn": "parameters in billions",
    "root_model": "first of the line",
    "score_ratio": "quality beside the reference",
    "reference_model": "closed model",
    "training_cost_usd": "cost to train",
    "reference_training_cost_usd": "the closed model's cost to train",
    "cost_ratio": "times the cost",
    "parameters_ratio": "times the parameters",
    "months_to_milestone": "months",
    "longest_months_to_milestone": "months, the longest stated",
    # of files and versions
    "snapshot_on": "as of",
    "published_at": "published (UTC)",
    "table_count": "tables",
    "row_count": "rows",
}
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
        return in_words(value, column) if column in VALUES else value
    if isinstance(value, bool):
        return ("no", "yes")[value]
    return _number_cell(value, column) if isinstance(value, int | float) else str(value)


def _number_cell(value: float, column: str) -> str:
    if column.endswith("_year"):
        return str(value)
    if "share" in column or column in FRACTIONS:
        return percent(value)
    if column == "hhi":  # points of 0 to 10,000
        return f"{value:,.0f}"
    return dollars(value) if column.endswith("_usd") else _number(value)


def in_words(code: str, column: str = "") -> str:
    """Return a column's code as people write it: `Model platform`, `$10MM to $50MM`."""
    return VALUES.get(column, {}).get(code, code.replace("_", " "))


def header(column: Hashable) -> str:
    """Return a column's name in words; its values show their unit."""
    return HEADERS.get(str(column), str(column).removesuffix("_usd").replace("_", " "))


def sentence(template: str, row: Mapping[str, Any]) -> str:
    """Fill a template's {columns} with a row's values, as a sentence has them: dates in words.

    What stands in [[ ]] is left out where the row lacks a value of it. A name in braces that is no
    column is a text of the data.
    """

    def said(found: re.Match[str]) -> str:
        if found[1] not in row:
            return found[0]
        value = row[found[1]]
        return day(value) if _is_date(value) else cell(value, found[1])

    def kept(found: re.Match[str]) -> str:
        return found[1] if is_whole(found[1], row) else ""

    return re.sub(r"\{(\w+)\}", said, re.sub(r"\[\[(.*?)\]\]", kept, template))


def is_whole(template: str, row: Mapping[str, Any]) -> bool:
    """Return whether a row has all that a template needs to say."""
    needed = re.sub(r"\[\[.*?\]\]", "", template)
    return all(row.get(column, "") is not None for column in re.findall(r"\{(\w+)\}", needed))


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


def reason(claim: Mapping[str, Any]) -> str:
    """Return why a claim has its verdict, as sentences: the reason with its tolerance, the note."""
    because = claim["not_comparable_because"] or claim["tolerance_because"] or ""
    if claim["tolerance"]:
        because += f" (tolerance {percent(claim['tolerance'])})"
    said = (text.strip() for text in (because, (claim["note"] or "").replace("_", " ")))
    return " ".join(f"{text[0].upper()}{text[1:].rstrip('.')}." for text in said if text)


def readings(codes: str | None) -> str:
    """Return how many readings a claim's list of universes names: `1 reading`, `no reading`."""
    count = len(codes.split(", ")) if codes else 0
    return f"{count or 'no'} reading{'s' if count > 1 else ''}"


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as Python's own values under their columns' names; what is missing is None."""
    # By Arrow: pandas' own takes twice as long, and leaves NaN for what is missing.
    found: list[dict[str, Any]] = pa.Table.from_pandas(rows, preserve_index=False).to_pylist()
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
    for function in (
        *(cell, claimed, day, header, in_unit, percent, readings, reason, records, sentence),
    )
}
