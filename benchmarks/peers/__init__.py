"""The marts once more, as other programs make them from what the build has resolved.

Belongs here: what they begin with and what they make, and its comparison with the marts, row for
row. The programs are scripts in SQL (`rounds.sql`, `models.sql`), one in pandas (`with_pandas`) and
one in Polars (`with_polars`). Not here: measuring (`scaling`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

TOP = (1, 3, 5, 10)
NAMED = 50


class Peer(NamedTuple):
    """Marts that are made again: their keys, the models of dbt that do the same, what both read.

    `inputs` names tables of the build by the name that a program knows them by.
    """

    name: str
    tables: Mapping[str, tuple[str, ...]]
    models: tuple[str, ...]
    inputs: Mapping[str, str]

    @property
    def sql(self) -> Path:
        """The script."""
        return Path(__file__).with_name(f"{self.name}.sql")


ROUNDS = Peer(
    name="rounds",
    tables={
        "layer_share": ("as_of_month", "universe", "layer"),
        "concentration": ("as_of_month", "universe", "layer"),
        "company_share": ("as_of_month", "universe", "company_id"),
    },
    models=(
        *("int_universe_rounds", "int_capital_steps", "int_capital_distribution"),
        *("rpt_layer_share", "rpt_concentration", "rpt_company_share"),
    ),
    inputs={
        "rounds": "intermediate.int_equity_rounds",
        "universes": "seeds.universes",
        "layers": "seeds.layers",
        "months": "intermediate.int_months",
    },
)
MODELS = Peer(
    name="models",
    tables={
        "model_lineage": ("model_id",),
        "base_models": ("root_model_id",),
        "releases_by_organisation_type": ("released_month", "organisation_type"),
        "release_cadence": ("source", "released_on"),
    },
    models=(
        *("rpt_model_lineage", "rpt_base_models"),
        *("rpt_releases_by_organisation_type", "rpt_release_cadence"),
    ),
    inputs={
        "releases": "candidate.marts.fct_model_releases",
        "models": "candidate.marts.dim_models",
        "listings": "candidate.marts.fct_model_listings",
        "spans": "intermediate.int_list_spans",
        "today": "intermediate.int_as_of",
    },
)


def write_inputs(peer: Peer, home: Path, folder: Path) -> None:
    """Write what the programs start from as Parquet: what the build in `home` has resolved."""
    folder.mkdir(exist_ok=True)
    with duckdb.connect(str(home / "work.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{home / 'candidate.duckdb'}' (read_only)")
        for name, table in peer.inputs.items():
            connection.execute(f"copy {table} to '{folder / name}.parquet'")


def run_sql(peer: Peer, folder: Path, made: Path) -> None:
    """Run the script on the inputs in `folder`; write its tables to `made` as Parquet."""
    with duckdb.connect() as connection:
        for name in peer.inputs:
            connection.execute(f"create view {name} as from '{folder / name}.parquet'")
        connection.execute(peer.sql.read_text(encoding="utf-8"))
        for name in peer.tables:
            connection.execute(f"copy {name} to '{made / name}.parquet'")


def differences(peer: Peer, candidate: Path, made: Path) -> Iterator[str]:
    """Say for each table how many rows differ from the mart's: fractions by a part in 1e9."""
    with duckdb.connect(str(candidate), read_only=True) as connection:
        for name, keys in peer.tables.items():
            table = f"'{made / name}.parquet'"
            described = connection.execute(f"describe from {table}").fetchall()
            values = [row[0] for row in described if row[0] not in keys]
            differs = " or ".join(
                f"a.{v} is distinct from b.{v} and not coalesce(abs(try_cast(a.{v} as double)"
                f" - try_cast(b.{v} as double)) <= 1e-9 * greatest(abs(try_cast(a.{v} as double)),"
                " 1e-6), false)"
                for v in values
            )
            on = " and ".join(f"a.{key} = b.{key}" for key in keys)
            found = connection.execute(
                f"select count(*) from marts.rpt_{name} as a full join {table} as b on {on}"
                f" where a.{keys[0]} is null or b.{keys[0]} is null or {differs}"
            ).fetchone()
            if found and found[0]:
                yield f"rpt_{name}: {found[0]} rows differ"
