"""A project of one's own: what `genai-ledger init FOLDER` makes, outside a checkout too.

Belongs here: which files a project begins with. Doesn't: putting raw files there (`copy_to_raw`).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration import files
from orchestration.config import KINDS_FILE, PROJECT, SHIPPED, LedgerError, refuse_pattern
from orchestration.sources.kinds import read_kinds

# Where `dg`, which opens Dagster's UI, finds the definitions.
_PYPROJECT = """\
[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "orchestration"
defs_module = "orchestration.defs"
code_location_target_module = "orchestration.defs.definitions"
"""
_RATES = Path("raw", "exchange_rates", "ecb")
_LEFT_OUT = shutil.ignore_patterns("target", "logs", ".user.yml", "__pycache__")


def make_project(folder: Path) -> None:
    """Make a project with the dbt project, the exchange rates and a folder for each kind.

    Raises LedgerError when there is something in the folder already, or nothing could be built.
    """
    refuse_pattern(folder.absolute(), "the folder")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise LedgerError(f"{folder} is there already; choose a new or an empty folder")
    with files.replacing(folder) as partial:
        shutil.copytree(SHIPPED / "dbt_project", partial / "dbt_project", ignore=_LEFT_OUT)
        for kind in read_kinds(partial / KINDS_FILE.relative_to(PROJECT)):
            (partial / "raw" / kind).mkdir(parents=True)
        (partial / _RATES).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED / _RATES / "source.yml", partial / _RATES / "source.yml")
        (partial / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")
        (partial / ".gitignore").write_text("warehouse/\n", encoding="utf-8")
