"""Layer share, concentration and company share in all universes, as two other programs make them.

Belongs here: a script in SQL (`peers.sql`) and a program in pandas, from the same resolved rounds,
and the comparison of what they make with the marts, row for row. Not here: measuring (`scaling`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

SQL = Path(__file__).with_suffix(".sql")
TABLES = {
    "layer_share": ("as_of_month", "universe", "layer"),
    "concentration": ("as_of_month", "universe", "layer"),
    "company_share": ("as_of_month", "universe", "company_id"),
}
TOP = (1, 3, 5, 10)
NAMED = 50
_INPUTS = {
    "rounds": "intermediate.int_equity_rounds",
    "universes": "seeds.universes",
    "layers": "seeds.layers",
}


def write_inputs(work: Path, folder: Path) -> None:
    """Write what the peers start from as Parquet: the rounds that the build has resolved."""
    folder.mkdir(exist_ok=True)
    with duckdb.connect(str(work), read_only=True) as connection:
        for name, table in _INPUTS.items():
            connection.execute(f"copy {table} to '{folder / name}.parquet'")
        months = "select as_of_month as month from intermediate.int_months order by 1"
        connection.execute(f"copy ({months}) to '{folder}/months.parquet'")


def run_sql(folder: Path, made: Path) -> None:
    """Run the script on the inputs in `folder`; write its tables to `made` as Parquet."""
    with duckdb.connect() as connection:
        for name in (*_INPUTS, "months"):
            connection.execute(f"create view {name} as from '{folder / name}.parquet'")
        connection.execute(SQL.read_text(encoding="utf-8"))
        for name in TABLES:
            connection.execute(f"copy {name} to '{made / name}.parquet'")


def run_pandas(folder: Path, made: Path) -> None:
    """Make the same with pandas: a grid of months by companies for each universe."""
    rounds = pd.read_parquet(folder / "rounds.parquet")
    universes = pd.read_parquet(folder / "universes.parquet")
    layers = pd.read_parquet(folder / "layers.parquet")["layer"].tolist()
    months = pd.DatetimeIndex(pd.read_parquet(folder / "months.parquet")["month"]).sort_values()
    for column in ("as_of_month", "announced_on"):
        rounds[column] = pd.to_datetime(rounds[column])
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for universe in universes.to_dict("records"):
        counted = _members(rounds, universe)
        grid = _Grid(counted, months)
        shares = grid.layer_share(counted, layers)
        concentration = pd.concat([grid.concentration(layer) for layer in (None, *layers)])
        companies = grid.company_share(layers)
        for name, frame in zip(TABLES, (shares, concentration, companies), strict=True):
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


PROGRAMS: dict[str, Callable[[Path, Path], None]] = {"sql": run_sql, "pandas": run_pandas}


def differences(candidate: Path, made: Path) -> Iterator[str]:
    """Say for each table how many rows differ from the mart's by more than a part in 1e9."""
    with duckdb.connect(str(candidate), read_only=True) as connection:
        for name, keys in TABLES.items():
            table = f"'{made / name}.parquet'"
            described = connection.execute(f"describe from {table}").fetchall()
            values = [row[0] for row in described if row[0] not in keys]
            differs = " or ".join(
                f"(a.{v} is null) <> (b.{v} is null)"
                f" or abs(a.{v} - b.{v}) > 1e-9 * greatest(abs(a.{v}), 1e-6)"
                for v in values
            )
            on = " and ".join(f"a.{key} = b.{key}" for key in keys)
            found = connection.execute(
                f"select count(*) from marts.rpt_{name} as a full join {table} as b on {on}"
                f" where a.{keys[0]} is null or b.{keys[0]} is null or {differs}"
            ).fetchone()
            if found and found[0]:
                yield f"rpt_{name}: {found[0]} rows differ"


if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
