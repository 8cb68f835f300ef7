"""The reports by their definitions, with no method of the product's SQL.

Every month is counted anew from all rounds before its end and every day from all models before it;
every index of concentration is computed from the companies' shares themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from plain_reading import Ledger

COHORTS = ("all", "founded_2013_or_later")
LAYERS = ("model_platform", "mlops", "infrastructure", "application", "unknown")
NAMED_COMPANIES = 50

Row: TypeAlias = dict[str, object]


class Scope(NamedTuple):
    """One month-end, cohort and layer (or all layers), and the equity rounds known by then."""

    month: pd.Timestamp
    cohort: str
    layer: str
    rounds: pd.DataFrame

    @property
    def held(self) -> pd.Series[float]:
        """Dollars of each company that had raised any."""
        return self.rounds.dropna(subset=["usd"]).groupby("company_id")["usd"].sum()

    @property
    def place(self) -> Row:
        """What a row of a report says of where it belongs."""
        return {"as_of_month": self.month, "cohort": self.cohort, "layer": self.layer}


def scopes(ledger: Ledger) -> list[Scope]:
    """Return every scope from the first event to the last; debt, grants and models are events too."""
    days = pd.concat([ledger.rounds["day"], ledger.models["day"]])
    months = pd.period_range(days.min(), days.max(), freq="M").end_time.normalize()
    rounds = ledger.rounds.merge(ledger.companies, on="company_id")
    assert len(rounds) == len(ledger.rounds), "every company of the rounds is on the map"
    equity = rounds[rounds["kind"] == "equity"]
    found = []
    for month in months:
        known = equity[equity["day"] <= month]
        for cohort in COHORTS:
            members = known if cohort == "all" else known[known["founded"] >= 2013]
            found.append(Scope(month, cohort, "all", members))
            found += [Scope(month, cohort, x, members[members["layer"] == x]) for x in LAYERS]
    return found


def layer_share(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_layer_share."""
    total = 0.0
    for scope in scopes(ledger):
        raised = scope.rounds["usd"].sum()
        if scope.layer == "all":
            total = raised  # comes before its layers
        elif total:
            cited = scope.rounds.loc[scope.rounds["cited"], "usd"].sum()
            yield {
                **scope.place,
                "raised_usd": raised,
                "share": raised / total,
                "companies": len(scope.held),
                "rounds": len(scope.rounds),
                "undisclosed_rounds": scope.rounds["usd"].isna().sum(),
                "cited_share": cited / raised if raised else None,
            }


def concentration(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_concentration."""
    access = ledger.companies.set_index("company_id")["access"]
    for scope in scopes(ledger):
        held = scope.held
        if not held.empty:
            of_company = access[held.index]
            yield {
                **scope.place,
                "companies": len(held),
                "raised_usd": held.sum(),
                **_indices(held.to_numpy(dtype=float)),
                "closed_share": held[of_company == "closed"].sum() / held.sum(),
                "open_share": held[of_company == "open"].sum() / held.sum(),
            }


def _indices(usd: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Mapping[str, float]:
    shares = np.sort(usd / usd.sum())[::-1]
    mean_difference = np.abs(usd[:, None] - usd[None, :]).mean()
    return {
        "hhi": float(((100 * shares) ** 2).sum()),
        **{f"top_{n}_share": float(shares[:n].sum()) for n in (1, 3, 5, 10)},
        "gini": float(mean_difference / (2 * usd.mean())),
        "effective_companies": float(1 / (shares**2).sum()),
    }


def company_share(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_company_share."""
    names = ledger.companies.set_index("company_id")["company"]
    ranked = [
        (scope, held, held.rank(method="min", ascending=False)) for scope, held in _held(ledger)
    ]
    ever_named = {
        (scope.cohort, company)
        for scope, _, rank in ranked
        if scope.layer != "all"
        for company in rank.index[rank <= NAMED_COMPANIES]
    }
    everyone = {(s.month, s.cohort): held for s, held, _ in ranked if s.layer == "all"}
    for scope, held, rank in ranked:
        total = everyone[scope.month, scope.cohort].sum()
        named = [company for company in held.index if (scope.cohort, company) in ever_named]
        if scope.layer != "all":
            for company in named:
                yield {
                    **scope.place,
                    "company_id": company,
                    "company": names[company],
                    "raised_usd": held[company],
                    "share_of_all": held[company] / total,
                    "share_of_layer": held[company] / held.sum(),
                    "rank_in_layer": rank[company],
                }
        elif len(named) < len(held):
            rest = held.drop(named).sum()
            yield {
                **scope.place,
                "layer": None,
                "company_id": "all others",
                "company": "all others",
                "raised_usd": rest,
                "share_of_all": rest / total,
            }


def _held(ledger: Ledger) -> Iterator[tuple[Scope, pd.Series[float]]]:
    for scope in scopes(ledger):
        held = scope.held
        if not held.empty:
            yield scope, held


def release_cadence(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_release_cadence."""
    dated = ledger.models.dropna(subset=["day"])
    undated = ledger.models[ledger.models["day"].isna()]
    all_to_the_day = dated[dated["is_dated_to_day"]]
    originals = all_to_the_day[~all_to_the_day["is_copy"]]
    for day in pd.date_range(dated["day"].min(), dated["day"].max()):
        known = dated["day"][dated["day"] <= day]
        counted = {
            prefix: models["day"][models["day"] <= day]
            for prefix, models in (("", all_to_the_day), ("original_", originals))
        }
        row: Row = {"released_on": day}
        for prefix, days in counted.items():
            last_30_days = days > day - pd.Timedelta(days=30)
            row |= {
                f"{prefix}releases": (days == day).sum(),
                f"{prefix}releases_per_day_30d": last_30_days.sum() / 30,
                f"max_{prefix}in_day_to_date": days.value_counts().max() if len(days) else 0,
            }
        yield {
            **row,
            "releases_to_date": len(counted[""]),
            "known_to_date": len(known),
            "undated_to_date": (undated["first_seen"] <= day).sum(),
            "share_under_6_months": (known > day - pd.DateOffset(months=6)).mean(),
        }
