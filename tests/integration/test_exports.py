"""The exports: what a reader without DuckDB gets, and that it is the same for the same figures."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest
from frictionless import Package

from orchestration.config import PROJECT
from orchestration.publication import exports

if TYPE_CHECKING:
    from conftest import Warehouse

FORMULA = "=cmd|' /C calc'!A0"


def read_index(folder: Path) -> dict[str, Any]:
    index: dict[str, Any] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return index


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def as_rows(table: pd.DataFrame) -> list[list[object]]:
    """Return the rows of a table, with None for whatever its reader takes for a null."""
    objects = table.astype(object)
    rows: list[list[object]] = objects.where(objects.notna(), None).to_numpy().tolist()
    return rows


@pytest.fixture(scope="module")
def folder(warehouse: Warehouse) -> Path:
    return warehouse.home / "exports"


@pytest.fixture(scope="module")
def index(folder: Path) -> dict[str, Any]:
    return read_index(folder)


@pytest.fixture(scope="module")
def reordered(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the served file with the rows of every table in another order."""
    copied = Path(shutil.copy(warehouse.served, tmp_path_factory.mktemp("reordered")))
    with duckdb.connect(str(copied)) as connection:
        tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()")
        for (table,) in tables.fetchall():
            connection.execute(
                f"create or replace temp table other as from {table} order by hash(rowid)"
            )
            connection.execute(f"truncate {table}")
            connection.execute(f"insert into {table} from other")
    return copied


def test_the_same_rows_give_the_same_bytes(folder: Path, reordered: Path, tmp_path: Path) -> None:
    exports.write(reordered, tmp_path / "exports")
    assert files_of(tmp_path / "exports") == files_of(folder)


def test_the_index_is_a_data_package_whose_files_keep_its_promises(folder: Path) -> None:
    # Frictionless reads in Python: of the two longest tables a part. All rows of all files are held
    # against the served ones below, and those against their promises by dbt.
    report = Package.from_descriptor(str(folder / "index.json")).validate(limit_rows=25_000)
    assert report.valid, report.flatten(["name", "fieldName", "message"])[:5]
    assert report.stats["tasks"] > 25


def test_the_package_says_its_version_time_licence_and_the_article(
    warehouse: Warehouse, index: dict[str, Any]
) -> None:
    published = warehouse.query("from audit.publications order by published_at desc").iloc[0]
    assert index["version"].endswith(f"+{published.version_id}")
    assert re.match(r"\d+\.\d+\.\d+\+", index["version"])
    assert index["created"] == f"{published.published_at:%Y-%m-%dT%H:%M:%SZ}"
    assert [licence["name"] for licence in index["licenses"]] == ["Apache-2.0"]
    assert index["homepage"] in {source["path"] for source in index["sources"]}
    assert "nextbigteng" in index["homepage"]


def test_a_package_with_a_wrong_cell_is_not_valid(
    folder: Path, index: dict[str, Any], tmp_path: Path
) -> None:
    broken = shutil.copytree(folder, tmp_path / "exports")
    layers = broken / "marts" / "dim_layers.csv"
    layers.write_text(layers.read_text().replace("mlops", ""))
    only = [r for r in index["resources"] if r["name"] == "marts.dim_layers"]
    (broken / "index.json").write_text(json.dumps({**index, "resources": only}))
    errors = Package.from_descriptor(str(broken / "index.json")).validate().flatten(["type"])
    assert {"hash-count", "byte-count", "constraint-error"} <= {kind for (kind,) in errors}


def test_every_mart_is_exported_and_every_file_is_in_the_index(
    warehouse: Warehouse, folder: Path, index: dict[str, Any]
) -> None:
    tables = warehouse.query("select schema_name || '.' || table_name as name from duckdb_tables()")
    left_out = {f"audit.{name}" for name in exports.LEFT_OUT}
    assert {r["name"] for r in index["resources"]} == set(tables["name"]) - left_out
    listed = {r["path"] for r in index["resources"]} | {
        r["parquet"]["path"] for r in index["resources"]
    }
    assert listed | {"index.json"} == set(files_of(folder))


def test_the_reports_exposure_names_what_it_reads(
    warehouse: Warehouse, index: dict[str, Any]
) -> None:
    manifest = json.loads((warehouse.home / "dbt" / "manifest.json").read_text())
    exposure = manifest["exposures"]["exposure.genai_ledger.report"]
    nodes = [manifest["nodes"][name] for name in exposure["depends_on"]["nodes"]]
    room = PROJECT / "orchestration" / "report"
    code = "".join(path.read_text() for path in (*room.glob("*.py"), *room.glob("*.sql")))
    named = re.findall(r"\b(?:marts|audit)\.[a-z_]+", code)
    exported = {resource["name"] for resource in index["resources"]}
    assert {f"{n['schema']}.{n['name']}" for n in nodes} == {n for n in named if n in exported}


def test_checksums_and_sizes_are_those_of_the_files(folder: Path, index: dict[str, Any]) -> None:
    for resource in index["resources"]:
        for file in (resource, resource["parquet"]):
            content = (folder / file["path"]).read_bytes()
            assert file["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert file["bytes"] == len(content)


def _iso(value: object) -> str:
    return str(value).removesuffix(" 00:00:00")


def test_pandas_reads_the_same_from_csv_and_parquet_as_duckdb_from_the_served_file(
    warehouse: Warehouse, folder: Path, index: dict[str, Any]
) -> None:
    for resource in index["resources"]:
        parquet = pd.read_parquet(folder / resource["parquet"]["path"])
        with duckdb.connect(str(warehouse.served), read_only=True) as served:
            rows = served.execute(f"from {resource['name']} order by all").fetchall()
        assert as_rows(parquet) == [list(row) for row in rows], resource["name"]
        csv = pd.read_csv(
            folder / resource["path"],
            float_precision="round_trip",
            keep_default_na=False,
            na_values=[""],
        )
        assert csv.columns.to_list() == [f["name"] for f in resource["schema"]["fields"]]
        numbers = parquet.select_dtypes("number").columns
        pd.testing.assert_frame_equal(
            csv[numbers], parquet[numbers], check_dtype=False, check_exact=True
        )
        for column in parquet.columns.difference(numbers):
            # A CSV knows no types: dates are ISO text there, and an empty text is a null.
            texts = (
                parquet[column]
                .map(lambda v: "" if pd.isna(v) else v if isinstance(v, str) else _iso(v))
                .astype(object)  # also where a table has no rows
            )
            found = csv[column].map(lambda v: "" if pd.isna(v) else str(v))
            guarded = texts.where(~texts.str.match(r"[=+\-@\t\r]"), "'" + texts)
            assert found.to_list() == guarded.to_list(), (resource["name"], column)


def test_a_text_that_looks_like_a_formula_is_text_in_the_csv_only(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    served = Path(shutil.copy(warehouse.served, tmp_path / "hostile.duckdb"))
    with duckdb.connect(str(served)) as connection:
        for company, name in (("openai", FORMULA), ("anthropic", "-1"), ("cohere", '\t+1, "x"\n')):
            connection.execute(
                "update marts.dim_companies set company = ? where company_id = ?", [name, company]
            )
        connection.execute("update marts.rpt_model_catch_up set days_behind = -7")
    exports.write(served, tmp_path / "exports")
    marts = tmp_path / "exports" / "marts"
    csv = pd.read_csv(marts / "dim_companies.csv").set_index("company_id")["company"]
    parquet = pd.read_parquet(marts / "dim_companies.parquet").set_index("company_id")["company"]
    assert (csv["openai"], parquet["openai"]) == (f"'{FORMULA}", FORMULA)
    assert (csv["anthropic"], parquet["anthropic"]) == ("'-1", "-1")
    assert (csv["cohere"], parquet["cohere"]) == ('\'\t+1, "x"\n', '\t+1, "x"\n')
    assert (pd.read_csv(marts / "rpt_model_catch_up.csv")["days_behind"] == -7).all()


def test_the_folder_is_replaced_as_a_whole(reordered: Path, folder: Path, tmp_path: Path) -> None:
    written = tmp_path / "exports"
    (written / "marts").mkdir(parents=True)
    (written / "marts" / "rpt_of_yesterday.csv").write_text("gone")
    leftover = tmp_path / ".exports.killed.partial"  # as a run leaves it that was killed
    (leftover / "exports" / "marts").mkdir(parents=True)
    (leftover / "exports" / "marts" / "half.csv").write_text("half")
    os.utime(leftover, (0, 0))
    exports.write(reordered, written)
    assert files_of(tmp_path) == {
        f"exports/{k}": content for k, content in files_of(folder).items()
    }
