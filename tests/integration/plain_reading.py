"""The committed raw files read by the plainest means, for the recomputation of the reports.

Nothing of the product is used. What is here is written for the committed files alone: a text of
another form raises instead of being guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import yaml
from currency_converter import CurrencyConverter, RateNotFoundError
from plain_models import covered_days, last_day, lines, name_key, read_models

RATE_SERVES_DAYS = 10

_CURRENCIES = {
    **dict.fromkeys(("$", "US$", "$US", "USD"), "USD"),
    **{
        "A$": "AUD",
        "AU$": "AUD",
        "CA$": "CAD",
        "£": "GBP",
        "RMB": "CNY",
        "EUR": "EUR",
        "GBP": "GBP",
        "JPY": "JPY",
        "KRW": "KRW",
    },
}
_UNITS = {
    **{"": 1, "k": 10**3},
    **dict.fromkeys(("m", "mm", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
}
_AMOUNT = re.compile(
    r"(US\$|\$US|AU\$|CA\$|A\$|\$|£|USD|RMB|EUR|GBP|JPY|KRW) ?"
    r"([\d.,]*\d) ?(K|MM?|million|Bn?|billion)?\b",
    re.IGNORECASE,
)


class Ledger(NamedTuple):
    """What the raw files say.

    companies: company_id, company, founded, layer, alternative_layer, access, fit
    rounds: company_id, label, kind, day, usd, cited, valuation (its lowest and highest dollars, or
        None), strategic (the investors' keys); of every kind, without duplicates
    models, listings: as plain_models reads them
    covered_days: the days that each list of models covers
    complete: to which day, and from how many dollars on, the list of rounds says that it lacks none
    """

    companies: pd.DataFrame
    rounds: pd.DataFrame
    models: pd.DataFrame
    listings: pd.DataFrame
    covered_days: Mapping[str, pd.DatetimeIndex]
    complete: list[tuple[pd.Timestamp, float]]

    @property
    def last_event(self) -> pd.Timestamp:
        """The day of the newest round or release."""
        newest: pd.Timestamp = max(self.rounds["day"].max(), self.models["day"].max())
        return newest


def read_ledger(raw: Path, seeds: Path) -> Ledger:
    """Read the newest snapshots of companies, rounds and models."""
    aliases = lines(seeds / "aliases.csv")
    same_company, same_investor = (
        {row["alias_key"]: row["name_key"] for row in aliases if row["entity"] == entity}
        for entity in ("company", "investor")
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
            "alternative_layer": row["Alternative layer"],
            "access": row["Model access"],
            "fit": row["GenAI fit"],
        }
        for row in companies
        # A company on the map under two names is described by the row of its own name.
        if name_key(row["Company"]) not in same_company
    )
    rounds = _read_rounds(max(raw.glob("funding_rounds/*/*.xlsx")), company_id, same_investor)
    models, listings = read_models(raw, seeds)
    return Ledger(described, rounds, models, listings, covered_days(raw), _completeness(raw))


def _completeness(raw: Path) -> list[tuple[pd.Timestamp, float]]:
    """Read until when, and from how many dollars on, the only list of rounds lacks none."""
    [source] = raw.glob("funding_rounds/*/source.yml")
    statements = yaml.safe_load(source.read_text(encoding="utf-8"))["complete"]
    assert all(statement.keys() <= {"to", "from_usd"} for statement in statements)
    return [(pd.Timestamp(each["to"]), float(each.get("from_usd", 0))) for each in statements]


def read_costs(raw: Path) -> list[dict[str, str]]:
    """Read what is published of the models' training costs and quality, a statement an entry."""
    return lines(max(raw.glob("model_scores/published_costs/*.csv")))


def read_benchmarks(raw: Path) -> list[dict[str, str]]:
    """Read what others published, with the id of each line as `row`."""
    path = max(raw.glob("benchmarks/*/*.csv"))
    file = path.relative_to(raw.parent).as_posix()
    return [{**line, "row": f"{file}#!{n}"} for n, line in enumerate(lines(path), start=2)]


def organisation_types(seeds: Path) -> dict[str, str]:
    """Return the type of each known organisation."""
    typed = lines(seeds / "organisation_types.csv")
    return {line["organisation_id"]: line["organisation_type"] for line in typed}


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
