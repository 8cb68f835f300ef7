"""Layer share, concentration and company share in all universes, as a program in pandas makes them.

Belongs here: the same rules and formulas once more, from the resolved rounds. Not here: comparing
them with the marts (`peers`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers import NAMED, ROUNDS, TOP


def run(folder: Path, made: Path) -> None:
    """Make the same with pandas: a grid of months by companies for each universe."""
    rounds = pd.read_parquet(folder / "rounds.parquet")
    universes = pd.read_parquet(folder / "universes.parquet")
    layers = pd.read_parquet(folder / "layers.parquet")["layer"].tolist()
    months = pd.DatetimeIndex(
        pd.read_parquet(folder / "months.parquet")["as_of_month"]
    ).sort_values()
    for column in ("as_of_month", "announced_on"):
        rounds[column] = pd.to_datetime(rounds[column])
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in ROUNDS.tables}
    for universe in universes.to_dict("records"):
        counted = _members(rounds, universe)
        grid = _Grid(counted, months)
        shares = grid.layer_share(counted, layers)
        concentration = pd.concat([grid.concentration(layer) for layer in (None, *layers)])
        companies = grid.company_share(layers)
        for name, frame in zip(ROUNDS.tables, (shares, concentration, companies), strict=True):
            parts[name].append(frame.assign(universe=universe["universe"]))
    for name, frames in parts.items():
        pd.concat(frames).to_parquet(made / f"{name}.parquet", index=False)


def _members(rounds: pd.DataFrame, universe: dict[str, Any]) -> pd.DataFrame:
    """Apply a universe's rule; give the rounds with the `month` from which on each counts."""
    kept = pd.Series(True, index=rounds.index)
    if universe["membership"] != "listed":
        kept &= rounds["is_mapped"]
    if pd.notna(universe["founded_from_year"]):
        kept &= rounds["founded_year"] >= universe["founded_from_year"]
    if pd.notna(universe["founded_to_year"]):
        kept &= rounds["founded_year"] <= universe["founded_to_year"]
    if pd.notna(universe["genai_fit"]):
        kept &= rounds["genai_fit"] != "adjacent"
    if pd.notna(universe["evidence"]):
        kept &= rounds["evidence"] == universe["evidence"]
    if pd.notna(universe["smallest_round_usd"]):
        kept &= rounds["amount_usd"] >= universe["smallest_round_usd"]
    if pd.notna(universe["left_out_layers"]):
        kept &= ~rounds["layer"].isin(universe["left_out_layers"].split(";"))
    counted = rounds[kept].rename(columns={"as_of_month": "month"})
    return _without_largest(counted) if universe["without_largest_round"] else counted


def _without_largest(counted: pd.DataFrame) -> pd.DataFrame:
    order = ["month", "amount_usd", "announced_on", "round_id"]
    disclosed = counted.dropna(subset=["amount_usd"])
    largest = disclosed.sort_values(order, ascending=[True, False, True, True])
    largest = largest.drop_duplicates("month")
    before = largest["amount_usd"].cummax().shift()
    records = largest[before.isna() | (largest["amount_usd"] > before)]
    until = records["month"].shift(-1)
    counted = counted.copy()
    counted.loc[records.index, "month"] = until
    return counted.dropna(subset=["month"])


class _Grid:
    """What each company of a universe had raised by each month-end, as months by companies."""

    def __init__(self, counted: pd.DataFrame, months: pd.DatetimeIndex) -> None:
        disclosed = counted[counted["amount_usd"] > 0]
        codes, ids = pd.factorize(disclosed["company_id"])
        self.months = months
        self.ids = np.asarray(ids)
        first = disclosed.drop_duplicates("company_id")
        self.layer = first["layer"].to_numpy()
        self.access = first["model_access"].to_numpy()
        self.held = np.zeros((len(months), len(ids)))
        rows = months.get_indexer(disclosed["month"])
        np.add.at(self.held, (rows, codes), disclosed["amount_usd"].to_numpy())
        self.held.cumsum(axis=0, out=self.held)

    def _of(self, layer: str | None) -> np.ndarray[Any, Any]:
        return np.ones(len(self.ids), bool) if layer is None else self.layer == layer

    def layer_share(self, counted: pd.DataFrame, layers: list[str]) -> pd.DataFrame:
        total = self.held.sum(axis=1)
        frames = []
        for layer in layers:
            held = self.held[:, self._of(layer)]
            of_layer = counted[counted["layer"] == layer]
            cited = of_layer["amount_usd"].where(of_layer["evidence"] == "cited")
            monthly = pd.DataFrame(
                {
                    "rounds": 1,
                    "undisclosed_rounds": of_layer["amount_usd"].isna(),
                    "cited_usd": cited.fillna(0),
                }
            )
            monthly = monthly.groupby(of_layer["month"]).sum().reindex(self.months, fill_value=0)
            frame = monthly.cumsum().reset_index(drop=True)
            frame.insert(0, "as_of_month", self.months)
            frame["layer"], frame["raised_usd"] = layer, held.sum(axis=1)
            frame["share"] = frame["raised_usd"] / np.where(total > 0, total, np.nan)
            frame["companies"] = (held > 0).sum(axis=1)
            frame["cited_share"] = frame.pop("cited_usd") / frame["raised_usd"].where(
                held.any(axis=1)
            )
            frames.append(frame[total > 0])
        return pd.concat(frames)

    def concentration(self, layer: str | None) -> pd.DataFrame:
        kept = self._of(layer)
        access = self.access[kept]
        rows = []
        for month, held in zip(self.months, self.held[:, kept], strict=True):
            there = held > 0
            falling = -np.sort(-held[there])
            n, usd = len(falling), falling.sum()
            if not n:
                continue
            squares = (falling**2).sum()
            ranks = np.arange(1, n + 1)
            tops = {f"top_{top}_share": falling[:top].sum() / usd for top in TOP}
            rows.append(
                {"as_of_month": month, "layer": layer or "all", "raised_usd": usd, "companies": n}
                | {"hhi": 10_000 * squares / usd**2, **tops}
                | {"gini": (n + 1 - 2 * (falling * ranks).sum() / usd) / n}
                | {"effective_companies": usd**2 / squares}
                | {f"{word}_share": held[access == word].sum() / usd for word in ("closed", "open")}
            )
        return pd.DataFrame(rows)

    def company_share(self, layers: list[str]) -> pd.DataFrame:
        total = self.held.sum(axis=1)
        frames, named_usd, named_count = [], np.zeros(len(total)), np.zeros(len(total))
        for layer in layers:
            kept = self._of(layer)
            held = self.held[:, kept]
            ranks = pd.DataFrame(-held).rank(axis=1, method="min").to_numpy()
            named = ((ranks <= NAMED) & (held > 0)).any(axis=0)
            month, company = np.nonzero(held[:, named] > 0)
            usd = held[:, named][month, company]
            named_usd += held[:, named].sum(axis=1)
            named_count += (held[:, named] > 0).sum(axis=1)
            frame = {
                "as_of_month": self.months[month],
                "company_id": self.ids[kept][named][company],
            }
            shares = {"share_of_all": total[month], "share_of_layer": held.sum(axis=1)[month]}
            frame |= {"raised_usd": usd} | {name: usd / of for name, of in shares.items()}
            frames.append(pd.DataFrame(frame | {"rank_in_layer": ranks[:, named][month, company]}))
        rest = (named_count > 0) & ((self.held > 0).sum(axis=1) > named_count)
        others = {"as_of_month": self.months[rest], "company_id": "all others"}
        others |= {"raised_usd": (total - named_usd)[rest]}
        others |= {"share_of_all": ((total - named_usd) / np.where(total > 0, total, 1))[rest]}
        return pd.concat([*frames, pd.DataFrame(others)])
