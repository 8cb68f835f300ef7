"""The reports behind the article's arguments by their definitions, with no method of the SQL.

Each month, quarter and cut-off year is counted anew from all its rounds, each pair of models from
all statements, each chain of models link by link. Who holds how much, and the releases of each day
and month, are in plain_reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from plain_models import last_day
from plain_reading import Ledger, lowest_and_highest
from plain_reports import MEGA, Row, described_rounds, is_complete, known_rounds, months

LADDER = 50
CUTOFFS = range(2005, 2021)
Lines = Sequence[Mapping[str, str]]


def funding_pace(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_funding_pace."""
    first_year = months(ledger)[0].year
    for month, universe, known in known_rounds(ledger, months(ledger)):
        new_year = month.replace(month=1, day=1)
        a_year_before = month - pd.offsets.MonthEnd(12)
        last_new_year = a_year_before.replace(month=1, day=1)
        to_date = _raised(known, new_year, month)
        last_year = _raised(known, last_new_year, new_year - pd.Timedelta(days=1))
        same_months = _raised(known, last_new_year, a_year_before)
        is_first_year = month.year == first_year
        this_year = known.loc[known["day"] >= new_year, "usd"].dropna()
        largest = this_year.max() if len(this_year) else None
        others = to_date - this_year.max() if len(this_year) else None
        yield {
            "as_of_month": month,
            "universe": universe,
            "raised_usd": _raised(known, month.replace(day=1), month),
            "ytd_usd": to_date,
            "prior_year_usd": None if is_first_year else last_year,
            "ytd_multiple": to_date / last_year if last_year else None,
            "prior_year_to_date_usd": None if is_first_year else same_months,
            "same_months_multiple": to_date / same_months if same_months else None,
            "trailing_12m_usd": _raised(known, a_year_before + pd.Timedelta(days=1), month),
            "largest_round_usd": largest,
            "largest_round_share": largest / to_date if largest else None,
            "other_rounds_usd": others,
            "other_rounds_multiple": others / last_year
            if last_year and others is not None
            else None,
            "is_complete": is_complete(ledger, universe, month),
        }


def _raised(rounds: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> float:
    return float(rounds.loc[rounds["day"].between(first, last), "usd"].sum())


def _quarters(ledger: Ledger) -> Iterator[tuple[Row, pd.DataFrame]]:
    """Yield each quarter's rounds in each universe, as of the quarter's end."""
    quarters = months(ledger).to_period("Q").unique()
    ends = quarters.end_time.normalize()
    for end, universe, known in known_rounds(ledger, ends):
        start = end.to_period("Q").start_time
        place: Row = {"quarter_start": start, "universe": universe}
        place["is_complete"] = is_complete(ledger, universe, end)
        yield place, known[known["day"] >= start]


def round_sizes(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_round_sizes that are of the ledger's own rounds."""
    for place, rounds in _quarters(ledger):
        disclosed = rounds["usd"].dropna()
        bands = {
            "up_to_10m": disclosed[disclosed <= 10e6],
            "10m_to_50m": disclosed[(disclosed > 10e6) & (disclosed <= 50e6)],
            "50m_to_100m": disclosed[(disclosed > 50e6) & (disclosed < MEGA)],
            "100m_and_more": disclosed[disclosed >= MEGA],
        }
        assert sum(map(len, bands.values())) == len(disclosed)
        for band, usd in bands.items():
            if len(usd):
                yield {
                    **{**place, "size_band": band, "rounds": len(usd)},
                    "share_of_rounds": len(usd) / len(disclosed),
                    "share_of_usd": usd.sum() / disclosed.sum(),
                }
        if len(disclosed) < len(rounds):
            undisclosed = len(rounds) - len(disclosed)
            yield {**place, "size_band": "undisclosed", "rounds": undisclosed}


def published_round_sizes(benchmarks: Lines) -> Iterator[Row]:
    """Yield the rows of rpt_round_sizes that others published for a quarter."""
    published = {
        "share_rounds_le_10m": ("all venture, as claimed", "up_to_10m"),
        "late_stage_deals_ge_50m_share": ("US late-stage venture", "50m_and_more"),
    }
    for line in benchmarks:
        if line["metric"] in published and "Q" in line["period"]:
            universe, band = published[line["metric"]]
            yield {
                "quarter_start": pd.Period(line["period"]).start_time,
                "universe": universe,
                "size_band": band,
                "share_of_rounds": float(line["value"]),
                "is_complete": True,
                "source_row_id": line["row"],
            }


def mega_rounds(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_mega_rounds."""
    for place, rounds in _quarters(ledger):
        usd = rounds["usd"].dropna()
        mega = usd[usd >= MEGA]
        yield {
            **place,
            "rounds": len(mega),
            "raised_usd": mega.sum(),
            "share_of_all": mega.sum() / usd.sum() if len(usd) else None,
            "disclosed_rounds": len(usd),
            "share_of_rounds": len(mega) / len(usd) if len(usd) else None,
            "average_round_usd": usd.mean(),
            "average_mega_round_usd": mega.mean(),
            "times_average_round": mega.mean() / usd.mean(),
        }


def valuations(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_valuations, without the round that stated each."""
    rounds = described_rounds(ledger)
    for month in months(ledger):
        known = rounds[rounds["day"] <= month]
        valued = known.dropna(subset="valuation")
        newest = valued[valued["day"] == valued.groupby("company_id")["day"].transform("max")]
        newest = newest.assign(
            low=[low for low, _ in newest["valuation"]],
            high=[high for _, high in newest["valuation"]],
        )
        ladder = newest.sort_values("high").groupby("company_id", as_index=False).last()
        ladder["is_stale"] = ladder["day"] < month - pd.DateOffset(years=2)
        # Stale valuations come after all others.
        order = ladder["low"] + ladder["high"] - ladder["is_stale"] * 1e15
        ladder["rank"] = order.rank(method="min", ascending=False)
        ladder["rank_in_layer"] = order.groupby(ladder["layer"]).rank(method="min", ascending=False)
        backers = known.groupby("company_id")["strategic"].agg(lambda sets: set().union(*sets))
        for place in ladder[ladder["rank_in_layer"] <= LADDER].itertuples():
            yield {
                "as_of_month": month,
                "company_id": place.company_id,
                "company": place.company,
                "layer": place.layer,
                "model_access": place.access,
                "valuation_low_usd": place.low,
                "valuation_high_usd": place.high,
                "valued_on": place.day,
                "is_stale": place.is_stale,
                "rank_overall": place.rank,
                "rank_in_layer": place.rank_in_layer,
                "strategic_backers": len(backers[place.company_id]),
                "is_complete": is_complete(ledger, "genai", month),
            }


def layer_share_sensitivity(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_layer_share_sensitivity."""
    is_counted = ("model_platform", "mlops")
    for month, universe, known in known_rounds(ledger, months(ledger)):
        founded, usd = (known[column].to_numpy(dtype=float) for column in ("founded", "usd"))
        counted = known["layer"].isin(is_counted).to_numpy()
        otherwise = known["alternative_layer"].fillna(known["layer"]).isin(is_counted).to_numpy()
        for first_year in CUTOFFS:
            kept = founded >= first_year
            if kept.any():
                raised = np.nansum(usd[kept])
                yield {
                    "as_of_month": month,
                    "universe": universe,
                    "founded_from_year": first_year,
                    "share": np.nansum(usd[kept & counted]) / raised if raised else None,
                    "share_in_alternative_layers": (
                        np.nansum(usd[kept & otherwise]) / raised if raised else None
                    ),
                    "raised_usd": raised,
                    "undisclosed_rounds": np.isnan(usd[kept]).sum(),
                    "unknown_year_usd": np.nansum(usd[np.isnan(founded)]),
                    "is_complete": is_complete(ledger, universe, month),
                }


def model_catch_up(statements: Lines) -> Iterator[Row]:
    """Yield the rows of rpt_model_catch_up."""
    models: dict[str, Mapping[str, str]] = {}
    costs: dict[str, list[float]] = {}
    for line in statements:
        models[line["Model"]] = line
        stated = lowest_and_highest(line["Training cost"], last_day(line["As of"]))
        costs.setdefault(line["Model"], []).extend(stated or ())
    ratios: dict[tuple[str, str], float] = {}
    for line in statements:
        if line["Reference model"]:
            pair = (line["Model"], line["Reference model"])
            ratios[pair] = max(ratios.get(pair, 0.0), float(line["Score"]))
    for (name, model), (other_name, other) in product(models.items(), models.items()):
        ratio, cost = ratios.get((name, other_name)), min(costs[name], default=None)
        is_pair = (model["Access"], other["Access"]) == ("open", "closed")
        if is_pair and not (ratio is None and cost is None):
            other_cost = min(costs[other_name], default=None)
            size, other_size = (float(m["Parameters"].strip("B") or "nan") for m in (model, other))
            behind = last_day(model["Released"]) - last_day(other["Released"])
            yield {
                **{"model": name, "reference_model": other_name, "score_ratio": ratio},
                **{"training_cost_usd": cost, "reference_training_cost_usd": other_cost},
                "cost_ratio": other_cost / cost if cost and other_cost else None,
                **{"parameters_bn": size, "reference_parameters_bn": other_size},
                "parameters_ratio": other_size / size,
                "days_behind": behind.days,
            }


def adoption(benchmarks: Lines) -> Iterator[Row]:
    """Yield the rows of rpt_adoption."""
    months_per = {"months_to_100m_users": 1.0, "days_to_100m_users": 12 / 365.25}
    stated: dict[str, list[float]] = {}
    for line in benchmarks:
        if line["metric"] in months_per:
            length = float(line["value"]) * months_per[line["metric"]]
            stated.setdefault(line["scope"], []).append(length)
    for name, lengths in stated.items():
        yield {
            "product": name,
            "months_to_milestone": min(lengths),
            "longest_months_to_milestone": max(lengths),
            "statements": len(lengths),
        }


def model_lineage(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_model_lineage."""
    bases = dict(zip(ledger.models["model_id"], ledger.models["base_id"], strict=True))
    for model, base in bases.items():
        chain = [model]
        while pd.notna(bases[chain[-1]]):
            chain.append(bases[chain[-1]])
            assert len(set(chain)) == len(chain), "no model descends from itself"
        yield {
            "model_id": model,
            "base_model_id": base,
            "root_model_id": chain[-1],
            "generations_from_root": len(chain) - 1,
        }


def base_models(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of rpt_base_models."""
    lineage = pd.DataFrame(model_lineage(ledger))
    for root, tree in lineage.groupby("root_model_id"):
        yield {
            "root_model_id": root,
            "models": len(tree),
            "descendants": (tree["model_id"] != root).sum(),
            "most_generations": tree["generations_from_root"].max(),
            "share_of_models": len(tree) / len(lineage),
        }
