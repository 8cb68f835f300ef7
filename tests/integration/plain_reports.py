"""The reports by their definitions, with no method of the product's SQL.

Every month is counted anew from all rounds before its end and every day from all models before
it; every index of concentration is computed from the companies' shares themselves. What a universe
holds is written down here a second time, so that its rule in the seed is checked too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from plain_models import last_day
from plain_reading import Ledger

LAYERS = ("model_platform", "mlops", "infrastructure", "application", "unknown")
NAMED_COMPANIES = 50
MEGA = 100e6
THESIS_MONTH = pd.Timestamp("2023-06-30")

Row: TypeAlias = dict[str, object]


# From equity rounds known by a day, the earliest first, to those that the universe holds on it.
UNIVERSES: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "genai": lambda known: known,
    "genai_2013": lambda known: known[known["founded"] >= 2013],
    "genai_2013_without_infrastructure": lambda known: known[
        (known["founded"] >= 2013) & (known["layer"] != "infrastructure")
    ],
    "genai_2015_without_infrastructure": lambda known: known[
        (known["founded"] >= 2015) & (known["layer"] != "infrastructure")
    ],
    "genai_core": lambda known: known[known["fit"] != "adjacent"],
    "models_and_applications": lambda known: known[
        known["layer"].isin(("model_platform", "application"))
    ],
    "mega_rounds": lambda known: known[known["usd"] >= MEGA],
    "cited_only": lambda known: known[known["cited"]],
    "without_largest_round": lambda known: known.drop(known["usd"].nlargest(1).index),
    # Every company of the committed rounds is on the map.
    "everything_listed": lambda known: known,
}


class Scope(NamedTuple):
    """One month-end, universe and layer (or all layers), and the equity rounds known by then.

    `held` is the dollars of each company that had raised any.
    """

    month: pd.Timestamp
    universe: str
    layer: str
    is_complete: bool
    rounds: pd.DataFrame
    held: pd.Series[float]

    @property
    def place(self) -> Row:
        """What a row of a report says of where it belongs."""
        scope: Row = {"as_of_month": self.month, "universe": self.universe, "layer": self.layer}
        return {**scope, "is_complete": self.is_complete}


def months(ledger: Ledger) -> pd.DatetimeIndex:
    """Return the month-ends from the first round or covered release to the last event."""
    first = min(ledger.rounds["day"].min(), *(days[0] for days in ledger.covered_days.values()))
    ends: pd.DatetimeIndex = pd.period_range(
        first, ledger.last_event, freq="M"
    ).end_time.normalize()
    return ends


def described_rounds(ledger: Ledger) -> pd.DataFrame:
    """Return the rounds with what the map says of their companies."""
    rounds: pd.DataFrame = ledger.rounds.merge(ledger.companies, on="company_id")
    assert len(rounds) == len(ledger.rounds), "every company of the rounds is on the map"
    # Texts as Python's own: thousands of small frames are cut out, which Arrow's take longer for.
    texts = rounds.select_dtypes("string").columns
    rounds[texts] = rounds[texts].astype(object)
    return rounds


def scopes(ledger: Ledger) -> list[Scope]:
    """Return every scope of every month; that of all layers comes before those of each."""
    found = []
    layer_of = ledger.companies.set_index("company_id")["layer"].astype(object)
    for month, universe, members in known_rounds(ledger, months(ledger)):
        held = members.dropna(subset=["usd"]).groupby("company_id")["usd"].sum()
        layers = layer_of[held.index]
        complete = is_complete(ledger, universe, month)
        found.append(Scope(month, universe, "all", complete, members, held))
        for layer in LAYERS:
            of_layer = members[members["layer"] == layer]
            found.append(Scope(month, universe, layer, complete, of_layer, held[layers == layer]))
    return found


def known_rounds(
    ledger: Ledger, days: Iterable[pd.Timestamp]
) -> Iterator[tuple[pd.Timestamp, str, pd.DataFrame]]:
    """Yield the equity rounds that each universe holds on each day."""
    rounds = described_rounds(ledger)
    equity = rounds[rounds["kind"] == "equity"].sort_values("day", kind="stable")
    for day in days:
        known = equity[equity["day"] <= day]
        for universe, holds in UNIVERSES.items():
            yield day, universe, holds(known)


def is_complete(ledger: Ledger, universe: str, day: pd.Timestamp) -> bool:
    """Whether the list of rounds, the only one there is, lacks none of the universe to the day."""
    smallest = MEGA if universe == "mega_rounds" else 0
    complete_to = max(to for to, from_usd in ledger.complete if from_usd <= smallest)
    return day <= min(complete_to, ledger.last_event)


def layer_share(scopes: Iterable[Scope]) -> Iterator[Row]:
    """Yield the rows of rpt_layer_share."""
    total = 0.0
    for scope in scopes:
        raised = scope.rounds["usd"].sum()
        if scope.layer == "all":
            total = raised
        elif total:
            cited = scope.rounds["usd"][scope.rounds["cited"]].sum()
            has_no_year = scope.rounds["founded"].isna() & scope.rounds["usd"].notna()
            unknown = scope.rounds.loc[has_no_year, ["company_id", "usd"]]
            yield {
                **scope.place,
                "raised_usd": raised,
                "share": raised / total,
                "companies": len(scope.held),
                "rounds": len(scope.rounds),
                "undisclosed_rounds": scope.rounds["usd"].isna().sum(),
                "cited_share": cited / raised if raised else None,
                "unknown_year_companies": unknown["company_id"].nunique(),
                "unknown_year_usd": unknown["usd"].sum(),
            }


def concentration(scopes: Iterable[Scope]) -> Iterator[Row]:
    """Yield the rows of rpt_concentration."""
    for scope in scopes:
        if not scope.held.empty:
            usd_by_access = scope.rounds.groupby("access")["usd"].sum()
            raised = scope.held.sum()
            yield {
                **scope.place,
                "companies": len(scope.held),
                "raised_usd": raised,
                **_indices(scope.held.to_numpy(dtype=float)),
                "closed_share": usd_by_access.get("closed", 0.0) / raised,
                "open_share": usd_by_access.get("open", 0.0) / raised,
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


def lorenz_curve(scopes: Iterable[Scope]) -> Iterator[Row]:
    """Yield the rows of rpt_lorenz_curve."""
    for scope in scopes:
        if scope.month.month in {6, 12}:
            usd = scope.held.to_numpy(dtype=float)
            points = {}
            for held in np.unique(usd):
                below = usd[usd <= held]
                share_of_companies = len(below) / len(usd)
                # Of what lies in one five-hundredth of the companies the last point is drawn.
                points[math.ceil(500 * share_of_companies)] = {
                    "held_usd": held,
                    "share_of_companies": share_of_companies,
                    "share_of_usd": below.sum() / usd.sum(),
                }
            yield from ({**scope.place, **point} for point in points.values())


def company_share(scopes: Iterable[Scope]) -> Iterator[Row]:
    """Yield the rows of rpt_company_share."""
    ranked = [
        (scope, scope.held, scope.held.rank(method="min", ascending=False))
        for scope in scopes
        if not scope.held.empty
    ]
    ever_named = {
        (scope.universe, company)
        for scope, _, rank in ranked
        if scope.layer != "all"
        for company in rank.index[rank <= NAMED_COMPANIES]
    }
    total = 0.0
    for scope, held, rank in ranked:
        named = [company for company in held.index if (scope.universe, company) in ever_named]
        if scope.layer != "all":
            names = dict(zip(scope.rounds["company_id"], scope.rounds["company"], strict=True))
            raised, ranks, of_layer = dict(held), dict(rank), held.sum()
            for company in named:
                yield {
                    **scope.place,
                    "company_id": company,
                    "company": names[company],
                    "raised_usd": raised[company],
                    "share_of_all": raised[company] / total,
                    "share_of_layer": raised[company] / of_layer,
                    "rank_in_layer": ranks[company],
                }
            continue
        total = held.sum()
        if len(named) < len(held):
            others = held.drop(named).sum()
            yield {
                **scope.place,
                "layer": None,
                "company_id": "all others",
                "company": "all others",
                "raised_usd": others,
                "share_of_all": others / total,
            }


def release_cadence(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_release_cadence."""
    listed = ledger.listings.merge(ledger.models, on="model_id")
    for source, covered in ledger.covered_days.items():
        held = listed[listed["source"] == source]
        for row in _days_of_a_list(held, covered):
            yield {"source": source, **row}


def _days_of_a_list(held: pd.DataFrame, covered: pd.DatetimeIndex) -> Iterator[Row]:
    dated = held.dropna(subset=["day"])
    undated = held[held["day"].isna()]
    all_to_the_day = dated[dated["is_dated_to_day"]]
    originals = all_to_the_day[all_to_the_day["form"] == "original"]
    for day in covered:
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
            "undated_to_date": (undated["first_seen"].clip(upper=covered[-1]) <= day).sum(),
            "share_under_6_months": (known > day - pd.DateOffset(months=6)).mean(),
        }


def thesis_then_and_now(scopes: Sequence[Scope]) -> Iterator[Row]:
    """Yield the rows of audit.thesis_then_and_now."""
    # Of each universe the last month stays, as scopes come by month.
    last_complete = {scope.universe: scope.month for scope in scopes if scope.is_complete}
    compared = [s for s in scopes if s.month in (THESIS_MONTH, last_complete.get(s.universe))]
    shares = pd.DataFrame(layer_share(compared))
    held = pd.DataFrame(concentration(compared)).query("layer == 'model_platform'")
    for universe, of_universe in shares.groupby("universe"):
        now = of_universe.loc[of_universe["is_complete"], "as_of_month"].max()
        if not now > THESIS_MONTH:
            continue
        figures = []
        for month in (THESIS_MONTH, now):
            of_month = of_universe[of_universe["as_of_month"] == month].set_index("layer")["share"]
            largest = held[(held["universe"] == universe) & (held["as_of_month"] == month)]
            columns = ["top_1_share", "top_3_share", "hhi", "closed_share", "open_share"]
            figures.append(largest[columns].iloc[0])
            figures[-1]["model_layer_share"] = of_month["model_platform"]
            figures[-1]["model_and_mlops_share"] = of_month[["model_platform", "mlops"]].sum()
        then_figures, now_figures = figures
        for measure in then_figures.index:
            yield {
                "universe": universe,
                "measure": measure,
                "then_value": then_figures[measure],
                "now_month": now,
                "now_value": now_figures[measure],
                "change_in_value": now_figures[measure] - then_figures[measure],
            }


def releases_by_organisation_type(ledger: Ledger, types: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of rpt_releases_by_organisation_type."""
    dated = ledger.models.dropna(subset="day")
    found = [
        (last_day(day.strftime("%Y-%m")), types.get(organisation, "unknown"), form)
        for day, organisation, form in zip(
            dated["day"], dated["organisation_id"], dated["form"], strict=True
        )
    ]
    for (month, kind), releases in Counter((month, kind) for month, kind, _ in found).items():
        yield {
            "released_month": month,
            "organisation_type": kind,
            "releases": releases,
            "original_releases": found.count((month, kind, "original")),
        }
