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
    **{
        "A$": "AUD",
        "CA$": "CAD",
        "£": "GBP",
        "RMB": "CNY",
        "EUR": "EUR",
        "GBP": "GBP",
        "KRW": "KRW",
    },
}
_UNITS = {
    **{"": 1, "k": 10**3},
    **dict.fromkeys(("m", "mm", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
}
_AMOUNT = re.compile(
    r"(US\$|\$US|CA\$|A\$|\$|£|USD|RMB|EUR|GBP|KRW) ?"
    r"([\d.,]*\d) ?(K|MM?|million|Bn?|billion)?\b",
    re.IGNORECASE,
)
_FULL_PRECISION = {"", "none", "16bit", "fp16", "f16", "32bit", "fp32"}


class Ledger(NamedTuple):
    """What the raw files say.

    companies: company_id, company, founded, layer, alternative_layer, access, fit
    rounds: company_id, label, kind, day, usd, cited, valuation (its lowest and highest dollars, or
        None), strategic (the investors' keys); of every kind, without duplicates
    models: model_id, organisation_id, day, is_dated_to_day, is_copy, first_seen, base_id; day NaT
        when no list dates the model, base_id None when it descends from no known one
    covered_days: the days that a list of models covers
    """

    companies: pd.DataFrame
    rounds: pd.DataFrame
    models: pd.DataFrame
    covered_days: pd.DatetimeIndex


def read_ledger(raw: Path, seeds: Path) -> Ledger:
    """Read the newest snapshots of companies and rounds, and every snapshot of the models."""
    aliases = _lines(seeds / "aliases.csv")
    same_company, same_organisation, same_investor = (
        {row["alias_key"]: row["name_key"] for row in aliases if row["entity"] == entity}
        for entity in ("company", "organisation", "investor")
    )
    base_ids = {row["base_model_key"]: row["model_id"] for row in _lines(seeds / "base_models.csv")}

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
            "alternative_layer": row["Alternative layer"],
            "access": row["Model access"],
            "fit": row["GenAI fit"],
        }
        for row in companies
        # A company on the map under two names is described by the row of its own name.
        if name_key(row["Company"]) not in same_company
    )
    rounds = _read_rounds(max(raw.glob("funding_rounds/*/*.xlsx")), company_id, same_investor)
    models = _read_models(sorted(raw.glob("open_models/*/*.csv")), same_organisation)
    models["base_id"] = models["base_key"].map(base_ids)
    models.loc[models["base_id"] == models["model_id"], "base_id"] = None
    return Ledger(described, rounds, models, _covered_days(raw))


def read_costs(raw: Path) -> list[dict[str, str]]:
    """Read what is published of the models' training costs and quality, a statement an entry."""
    return _lines(max(raw.glob("model_scores/published_costs/*.csv")))


def read_benchmarks(raw: Path) -> list[dict[str, str]]:
    """Read what others published, with the id of each line as `row`."""
    path = max(raw.glob("benchmarks/*/*.csv"))
    file = path.relative_to(raw.parent).as_posix()
    return [{**line, "row": f"{file}#!{n}"} for n, line in enumerate(_lines(path), start=2)]


def organisation_types(seeds: Path) -> dict[str, str]:
    """Return the type of each known organisation."""
    lines = _lines(seeds / "organisation_types.csv")
    return {line["organisation_id"]: line["organisation_type"] for line in lines}


def name_key(name: str) -> str:
    """Return the name without case, spaces and punctuation; a separator of digits stays."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("&", "and").replace("+", "plus")
    marked = re.sub(r"(?<=\d)[ ._-]+(?=\d)", lambda m: "." if "." in m[0] else "-", plain)
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
    in_dollars = _all_dollars(printed, day)
    return in_dollars[0] if in_dollars else None


def lowest_and_highest(printed: str | None, day: pd.Timestamp) -> tuple[float, float] | None:
    """Return the lowest and highest dollars stated; what is called post-money goes before all.

    None when the text has no figure.
    """
    if printed is None:
        return None
    text = re.sub(r"\$([\d.]+)-([\d.]+)Bn", r"$\1Bn to $\2Bn", printed)
    text = text.replace("a billion dollars", "$1 billion")
    post_money = [part for part in re.split("[;(]", text) if "post" in part]
    try:
        in_dollars = _all_dollars(" ".join(post_money) or text, day)
    except ValueError:
        return None
    return (min(in_dollars), max(in_dollars)) if in_dollars else None


def _all_dollars(text: str, day: pd.Timestamp) -> list[float]:
    """Return the dollars stated, else all other amounts at the day's rate."""
    stated = [
        (_CURRENCIES[currency.upper()], Decimal(number.replace(",", "")) * _UNITS[unit.lower()])
        for currency, number, unit in _AMOUNT.findall(text)
    ]
    if not stated:
        raise ValueError(text)
    in_dollars = [float(amount) for currency, amount in stated if currency == "USD"]
    if in_dollars:
        return in_dollars
    priced = [(amount, _usd_per_unit(currency, day.date())) for currency, amount in stated]
    return [float(amount) * rate for amount, rate in priced if rate is not None]


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


def money_by_currency(raw: Path) -> dict[str, Decimal]:
    """Add up the amounts of all rounds by currency; of several figures the first dollars count."""
    sums: dict[str, Decimal] = {}
    for row in _records(max(raw.glob("funding_rounds/*/*.xlsx")), "Rounds"):
        stated = [
            (_CURRENCIES[currency.upper()], Decimal(number.replace(",", "")) * _UNITS[unit.lower()])
            for currency, number, unit in _AMOUNT.findall(row["Amount"])
        ]
        for currency, amount in sorted(stated, key=lambda pair: pair[0] != "USD")[:1]:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def _read_companies(workbook: Path) -> list[dict[str, Any]]:
    _, *sheets = openpyxl.load_workbook(workbook).sheetnames  # the first is a cover
    return [row for sheet in sheets for row in _records(workbook, sheet)]


def _records(workbook: Path, sheet: str) -> Iterator[dict[str, Any]]:
    """Yield the rows below the header in row 4; notes, with one filled cell, are left out."""
    _, _, _, header, *rows = openpyxl.load_workbook(workbook)[sheet].iter_rows(values_only=True)
    for row in rows:
        if sum(cell is not None for cell in row) > 1:
            yield dict(zip(map(str, header), row, strict=True))


def _read_rounds(
    workbook: Path, company_id: Callable[[str], str], same_investor: Mapping[str, str]
) -> pd.DataFrame:
    """Read the rounds: rows alike in company, label, kind, day and amount are one."""
    rounds: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in _records(workbook, "Rounds"):
        day = last_day(row["Announced"])
        try:
            usd = dollars(row["Amount"], day)
        except ValueError:
            continue  # an amount without a figure is rejected
        identity = (company_id(row["Company"]), row["Round"].lower(), row["Kind"], day, usd)
        known = rounds.setdefault(
            identity, {"cited": False, "valuation": None, "strategic": frozenset()}
        )
        known["cited"] = known["cited"] or row["Source URL"] is not None
        known["valuation"] = known["valuation"] or lowest_and_highest(row["Valuation"], day)
        investors = [name_key(name) for name in (row["Strategic investors"] or "").split(";")]
        known["strategic"] |= {same_investor.get(key, key) for key in investors if key}
    columns = ("company_id", "label", "kind", "day", "usd")
    return pd.DataFrame(
        {**dict(zip(columns, identity, strict=True)), **known} for identity, known in rounds.items()
    )


def _read_models(snapshots: list[Path], same_organisation: Mapping[str, str]) -> pd.DataFrame:
    models: dict[tuple[str, str], dict[str, Any]] = {}
    # The newest snapshot speaks first, and in it the first row; what comes later decides the date
    # only where it states it more exactly.
    for snapshot in reversed(snapshots):
        for row in _entries(snapshot):
            organisation = name_key(row["Organisation"])
            organisation = same_organisation.get(organisation, organisation)
            identity = (organisation, name_key(row["Model"]))
            model = models.setdefault(identity, {"printed": "", "is_copy": False, "base_key": ""})
            model["printed"] = max(model["printed"], row["Release date"], key=len)
            model["is_copy"] = model["is_copy"] or _is_copy(row)
            model["base_key"] = model["base_key"] or name_key(row["Base model"])
            model["first_seen"] = pd.Timestamp(snapshot.stem)
            model["organisation_id"] = organisation
            model["model_id"] = "/".join(filter(None, identity))
    frame = pd.DataFrame(list(models.values()))
    frame["day"] = pd.Series([last_day(text) if text else pd.NaT for text in frame["printed"]])
    frame["is_dated_to_day"] = frame["printed"].str.len() == len("2023-06-09")
    return frame


def _covered_days(raw: Path) -> pd.DatetimeIndex:
    """Return the days between a list's first and last, without empty stretches of half a year.

    What lies between two such stretches needs a tenth of the list's dated models to count.
    """
    covered: set[pd.Timestamp] = set()
    for folder in {path.parent for path in raw.glob("open_models/*/*.csv")}:
        printed = [row["Release date"] for row in _entries(max(folder.glob("*.csv")))]
        days = sorted(last_day(text) for text in printed if len(text) == len("2023-06-09"))
        parts: list[list[pd.Timestamp]] = []
        for day in days:
            if not parts or day - parts[-1][-1] > pd.Timedelta(days=180):
                parts.append([])
            parts[-1].append(day)
        for part in parts:
            if 10 * len(part) >= len(days):
                covered.update(pd.date_range(part[0], part[-1]))
    return pd.DatetimeIndex(sorted(covered))


def _entries(snapshot: Path) -> Iterator[dict[str, str]]:
    """Yield the models of a list, not its tools; 404 and ? only say that there is no value."""
    for row in _lines(snapshot):
        if row["Derivation"].lower() != "tool":
            yield {name: "" if text in {"404", "?"} else text for name, text in row.items()}


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _is_copy(row: Mapping[str, str]) -> bool:
    """Whether the entry is a copy at lower precision: listed as one, or by precision or format."""
    return (
        row["Derivation"].lower() == "quantization"
        or row["Quantisation"].lower() not in _FULL_PRECISION
        or "gg" in row["Format"].lower()
    )
