"""The dbt unit tests on Apache Spark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.config import DBT_PROJECT

if TYPE_CHECKING:
    from conftest import Warehouse


def test_unit_tests_pass(on_spark: Warehouse, tmp_path: Path) -> None:
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    written = ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "logs")]
    select = ["--target", "spark", "--select", "test_type:unit"]
    finished = on_spark.run("dbt", "test", *folders, *written, *select)
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert "WARN=0 ERROR=0 SKIP=0" in finished.stdout
