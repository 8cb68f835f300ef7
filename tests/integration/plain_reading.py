"""The committed raw files read by the plainest means, for the recomputation of the reports.

Nothing of the product is used. What is here is written for the committed files alone: a text of
another form raises instead of being guessed.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
from currency_converter import CurrencyConverter, RateNotFoundError

RATE_SERVES_DAYS = 10

_CURRENCIES = {
    **dict.fromkeys(("$", "US$", "$US", "USD"), "USD"),
    **{"A$": "AUD", "CA$": "CAD", "RMB": "CNY", "EUR": "EUR", "GBP": "GBP", "KRW": "KRW"},
}
_UNITS = {
    **{"": 1, "k": 10**3},
    **dict.fromkeys(("m", "mm", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
}
_AMOUNT = re.compile(
    r"(US\$|\$US|CA\$|A\$|\$|USD|RMB|EUR|GBP|KRW) ?"
    r"([\d.,]*\d) ?(K|MM?|million|Bn?|billion)?\b",
    re.IGNORECASE,
)
_FULL_PRECISION = {"", "none", "16bit", "fp16", "f16", "32bit", "fp32"}


class Ledger(NamedTuple):
    """What the raw files say.

    companies: company_id, company, founded, layer, access
    rounds: company_id, label, kind, day, usd, cited; of every kind, without duplicates
    models: day, is_dated_to_day, is_copy, first_seen; day is NaT when no list dates the model
    """

    companies: pd.DataFrame
    rounds: pd.DataFrame
    models: pd.DataFrame


def read_ledger(raw: Path, seeds: Path) -> Ledger:
    """Read the newest snapshots of companies and rounds, and every snapshot of the models."""
    with (seeds / "aliases.csv").open(encoding="utf-8", newline="") as file:
        aliases = list(csv.DictReader(file))
    same_company, same_organisation = (
        {row["alias_key"]: row["name_key"] for row in aliases if row["entity"] == entity}
        for entity in ("company", "organisation")
    )

    companies = _read_companies(max(raw.glob("companies/*/*.xlsx")))
    alias_of = {
        name_key(alias): name_key(row["Company"])
        for row in companies
        for alias in str(row["Aliases"] or "").split(";")
    }
    own_names = {name_key(row["Company"]) for row in companies}

    def company_id(name: str) -> str:
        key = name_key(name)
        known = key if key in own_names else alias_of.get(key, key)
        return same_company.get(known, known)

    described = pd.DataFrame(
        {
            "company_id": name_key(row["Company"]),
            "company": row["Company"],
            "founded": row["Founded"],
            "layer": row["Layer"],
            "access": row["Model access"],
        }
        for row in companies
        # A company on the map under two names is described by the row of its own name.
        if name_key(row["Company"]) not in same_company
    )
    rounds = _read_rounds(max(raw.glob("funding_rounds/*/*.xlsx")), company_id)
    models = _read_models(sorted(raw.glob("open_models/*/*.csv")), same_organisation)
    return Ledger(described, rounds, models)


def name_key(name: str) -> str:
    """Return the name without case, spaces and punctuation; a separator of digits stays."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("&", "and").replace("+", "plus")
    marked = re.sub(r"(?<=\d)[ .-]+(?=\d)", lambda m: "." if "." in m[0] else "-", plain)
    return re.sub(r"(?<!\d)[.-]|[.-](?!\d)|[^\w.-]|_", "", marked)


def last_day(printed: dt.datetime | str) -> pd.Timestamp:
    """Return the day, or the last day of the month (2021-07, 2021/07) or the year (2019)."""
    text = str(printed.date()) if isinstance(printed, dt.datetime) else printed
    day: pd.Timestamp = pd.Period(text.replace("/", "-")).end_time.normalize()
    return day


def dollars(printed: str, day: pd.Timestamp) -> float | None:
    """Return the amount in US dollars: as printed if the text states dollars, else at the rate.

    None when the amount is undisclosed. Raises ValueError when the text has no figure.
    """
    if printed == "undisclosed":
        return None
    stated = [
        (_CURRENCIES[currency.upper()], Decimal(number.replace(",", "")) * _UNITS[unit.lower()])
        for currency, number, unit in _AMOUNT.findall(printed)
    ]
    if not stated:
        raise ValueError(printed)
    in_dollars = [amount for currency, amount in stated if currency == "USD"]
    if in_dollars:
        return float(in_dollars[0])
    currency, amount = stated[0]
    rate = _usd_per_unit(currency, day.date())
    return None if rate is None else float(amount) * rate


def _usd_per_unit(currency: str, day: dt.date) -> float | None:
    """Return the ECB's last rate on or before the day."""
    for earlier in range(RATE_SERVES_DAYS):
        try:
            return float(_rates().convert(1, currency, "USD", date=day - dt.timedelta(earlier)))
        except RateNotFoundError:
            continue
    return None


@cache
def _rates() -> Any:
    return CurrencyConverter()


def _read_companies(workbook: Path) -> list[dict[str, Any]]:
    _, *sheets = openpyxl.load_workbook(workbook).sheetnames  # the first is a cover
    return [row for sheet in sheets for row in _records(workbook, sheet)]


def _records(workbook: Path, sheet: str) -> Iterator[dict[str, Any]]:
    """Yield the rows below the header in row 4; notes, with one filled cell, are left out."""
    _, _, _, header, *rows = openpyxl.load_workbook(workbook)[sheet].iter_rows(values_only=True)
    for row in rows:
        if sum(cell is not None for cell in row) > 1:
            yield dict(zip(map(str, header), row, strict=True))


def _read_rounds(workbook: Path, company_id: Callable[[str], str]) -> pd.DataFrame:
    """Read the rounds: rows alike in company, label, kind, day and amount are one."""
    cited: dict[tuple[object, ...], bool] = {}
    for row in _records(workbook, "Rounds"):
        day = last_day(row["Announced"])
        try:
            usd = dollars(row["Amount"], day)
        except ValueError:
            continue  # an amount without a figure is rejected
        one_round = (company_id(row["Company"]), row["Round"].lower(), row["Kind"], day, usd)
        cited[one_round] = cited.get(one_round, False) or row["Source URL"] is not None
    columns = ["company_id", "label", "kind", "day", "usd", "cited"]
    return pd.DataFrame([(*key, is_cited) for key, is_cited in cited.items()], columns=columns)


def _read_models(snapshots: list[Path], same_organisation: Mapping[str, str]) -> pd.DataFrame:
    models: dict[tuple[str, str], dict[str, Any]] = {}
    # The newest snapshot speaks first, and in it the first row; what comes later decides the date
    # only where it states it more exactly.
    for snapshot in reversed(snapshots):
        for row in _entries(snapshot):
            organisation = name_key(row["Organisation"])
            organisation = same_organisation.get(organisation, organisation)
            identity = (organisation, name_key(row["Model"]))
            model = models.setdefault(identity, {"printed": "", "is_copy": False})
            model["printed"] = max(model["printed"], row["Release date"], key=len)
            model["is_copy"] = model["is_copy"] or _is_copy(row)
            model["first_seen"] = pd.Timestamp(snapshot.stem)
    frame = pd.DataFrame(list(models.values()))
    frame["day"] = pd.Series([last_day(text) if text else pd.NaT for text in frame["printed"]])
    frame["is_dated_to_day"] = frame["printed"].str.len() == len("2023-06-09")
    return frame


def _entries(snapshot: Path) -> Iterator[dict[str, str]]:
    """Yield the models of a list, not its tools; 404 and ? only say that there is no value."""
    with snapshot.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["Derivation"].lower() != "tool":
                yield {name: "" if text in {"404", "?"} else text for name, text in row.items()}


def _is_copy(row: Mapping[str, str]) -> bool:
    """Whether the entry is a copy at lower precision: listed as one, or by precision or format."""
    return (
        row["Derivation"].lower() == "quantization"
        or row["Quantisation"].lower() not in _FULL_PRECISION
        or "gg" in row["Format"].lower()
    )
