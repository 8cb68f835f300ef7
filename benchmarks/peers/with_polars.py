"""Layer share, concentration and company share in all universes, as a program in Polars makes them.

Belongs here: the same rules and formulas once more, from the resolved rounds. Not here: comparing
them with the marts (`peers`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.peers import NAMED, ROUNDS, TOP

ALL = pl.lit("all").alias("layer")
SCOPE = ("month", "layer")


def run(folder: Path, made: Path) -> None:
    """Make the three tables of each universe: a row for each company and month of those."""
    rounds = pl.read_parquet(folder / "rounds.parquet")
    universes = pl.read_parquet(folder / "universes.parquet")
    layers = pl.read_parquet(folder / "layers.parquet").select("layer")
    months = pl.read_parquet(folder / "months.parquet").select(month="as_of_month").sort("month")
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in ROUNDS.tables}
    for universe in universes.iter_rows(named=True):
        counted = _members(rounds, universe)
        held = _held(counted, months)
        concentration = _concentration(held)
        frames = (
            _layer_share(counted, held, months.join(layers, how="cross")),
            concentration,
            _company_share(held, concentration.filter(layer="all")),
        )
        for name, frame in zip(parts, frames, strict=True):
            named = frame.rename({"month": "as_of_month"})
            parts[name].append(named.with_columns(universe=pl.lit(universe["universe"])))
    for name, made_of in parts.items():
        pl.concat(made_of).write_parquet(made / f"{name}.parquet")


def _members(rounds: pl.DataFrame, universe: dict[str, Any]) -> pl.DataFrame:
    """Apply a universe's rule; give the rounds with the `month` from which on each counts."""
    rules = [pl.lit(value=True)]
    if universe["membership"] != "listed":
        rules.append(pl.col("is_mapped"))
    if universe["founded_from_year"] is not None:
        rules.append(pl.col("founded_year") >= universe["founded_from_year"])
    if universe["founded_to_year"] is not None:
        rules.append(pl.col("founded_year") <= universe["founded_to_year"])
    if universe["genai_fit"] is not None:
        rules.append(pl.col("genai_fit") != "adjacent")
    if universe["evidence"] is not None:
        rules.append(pl.col("evidence") == universe["evidence"])
    if universe["smallest_round_usd"] is not None:
        rules.append(pl.col("amount_usd") >= universe["smallest_round_usd"])
    if universe["left_out_layers"]:
        rules.append(~pl.col("layer").is_in(universe["left_out_layers"].split(";")))
    members = rounds.filter(*rules).rename({"as_of_month": "month"})
    return _without_largest(members) if universe["without_largest_round"] else members


def _without_largest(members: pl.DataFrame) -> pl.DataFrame:
    order = ["month", "amount_usd", "announced_on", "round_id"]
    largest = members.drop_nulls("amount_usd").sort(order, descending=[False, True, False, False])
    largest = largest.unique("month", keep="first", maintain_order=True)
    before = pl.col("amount_usd").cum_max().shift()
    records = largest.filter(before.is_null() | (pl.col("amount_usd") > before))
    overtaken = records.select("round_id", until=pl.col("month").shift(-1), is_record=True)
    month = pl.when("is_record").then("until").otherwise("month")
    joined = members.join(overtaken, on="round_id", how="left")
    return joined.with_columns(month=month).drop_nulls("month")


def _held(counted: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Say what each company had raised by each month-end from its first round on."""
    numbered = months.with_row_index("number")
    steps = (
        counted.filter(pl.col("amount_usd") > 0)
        .group_by("company_id", "layer", "model_access", "month")
        .agg(pl.col("amount_usd").sum())
        .join(numbered, on="month")
        .sort("company_id", "number")
    )
    until = pl.col("number").shift(-1).over("company_id").fill_null(len(months))
    spans = steps.select(
        *("company_id", "layer", "model_access"),
        held=pl.col("amount_usd").cum_sum().over("company_id"),
        number=pl.int_ranges("number", until, dtype=pl.UInt32),
    )
    return spans.explode("number").join(numbered, on="number").drop("number")


def _layer_share(counted: pl.DataFrame, held: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    money = held.group_by(SCOPE).agg(raised_usd=pl.col("held").sum(), companies=pl.len())
    cited = pl.col("amount_usd").filter(pl.col("evidence") == "cited").sum()
    monthly = counted.group_by(SCOPE).agg(
        rounds=pl.len().cast(pl.Int64),
        undisclosed_rounds=pl.col("amount_usd").null_count().cast(pl.Int64),
        cited_usd=cited,
    )
    to_date = [
        pl.col(name).fill_null(0).cum_sum().over("layer", order_by="month")
        for name in ("rounds", "undisclosed_rounds", "cited_usd")
    ]
    raised = pl.col("raised_usd")
    shares = (
        grid.join(money, on=SCOPE, how="left")
        .join(monthly, on=SCOPE, how="left")
        .with_columns(raised.fill_null(0), pl.col("companies").fill_null(0), *to_date)
        .with_columns(
            share=raised / raised.sum().over("month"),
            cited_share=pl.when(raised > 0).then(pl.col("cited_usd") / raised),
        )
    )
    return shares.filter(raised.sum().over("month") > 0).drop("cited_usd")


def _concentration(held: pl.DataFrame) -> pl.DataFrame:
    usd, place = pl.col("held"), pl.col("place")
    total, companies = usd.sum(), pl.len().cast(pl.Int64)
    ranked = pl.concat([held, held.with_columns(ALL)]).with_columns(
        place=usd.rank("ordinal", descending=True).over(SCOPE).cast(pl.Int64)
    )
    return ranked.group_by(SCOPE).agg(
        raised_usd=total,
        companies=companies,
        hhi=10_000 * (usd**2).sum() / total**2,
        **{f"top_{top}_share": usd.filter(place <= top).sum() / total for top in TOP},
        gini=(companies + 1 - 2 * (usd * place).sum() / total) / companies,
        effective_companies=total**2 / (usd**2).sum(),
        **{
            f"{word}_share": usd.filter(pl.col("model_access") == word).sum() / total
            for word in ("closed", "open")
        },
    )


def _company_share(held: pl.DataFrame, of_all: pl.DataFrame) -> pl.DataFrame:
    ranked = held.with_columns(
        rank=pl.col("held").rank("min", descending=True).over(SCOPE).cast(pl.Int64),
        layer_usd=pl.col("held").sum().over(SCOPE),
    )
    named = ranked.filter(pl.col("rank") <= NAMED).select("company_id").unique()
    totals = of_all.select("month", all_usd="raised_usd", all_companies="companies")
    shown = ranked.join(named, on="company_id", how="semi").join(totals, on="month")
    others = shown.group_by("month", "all_usd", "all_companies").agg(
        pl.col("held").sum(), companies=pl.len()
    )
    others = others.filter(pl.col("all_companies") > pl.col("companies"))
    rest = pl.col("all_usd") - pl.col("held")
    return pl.concat(
        [
            shown.select(
                *("month", "company_id"),
                raised_usd="held",
                share_of_all=pl.col("held") / pl.col("all_usd"),
                share_of_layer=pl.col("held") / pl.col("layer_usd"),
                rank_in_layer="rank",
            ),
            others.select(
                "month",
                company_id=pl.lit("all others"),
                raised_usd=rest,
                share_of_all=rest / pl.col("all_usd"),
                share_of_layer=pl.lit(None, pl.Float64),
                rank_in_layer=pl.lit(None, pl.Int64),
            ),
        ]
    )
