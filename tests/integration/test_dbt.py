"""The dbt project on its own: a bare `dbt build`, with its unit tests, on the committed data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.config import DBT_PROJECT

if TYPE_CHECKING:
    from conftest import Warehouse


def test_a_bare_dbt_build_passes_with_its_unit_tests(warehouse: Warehouse, tmp_path: Path) -> None:
    shutil.copytree(warehouse.home / "landing", tmp_path / "landing")
    bare = warehouse._replace(home=tmp_path)
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    written = ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "logs")]
    finished = bare.run("dbt", "build", *folders, *written)
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert " unit tests" in finished.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in finished.stdout
