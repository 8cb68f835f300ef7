"""What a build is made from: raw files, variables, dbt project, code and packages, as hashes.

Belongs here: naming and hashing inputs. Not here: deciding what to do about them (`publication`).
"""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration import files, landing
from orchestration.config import DBT_PROJECT, PROJECT, Home

ENGINE_PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "pyarrow", "CurrencyConverter")
# What the catalogue says of a file that the marts repeat.
_STATED = ("object", "title", "producer", "url", "licence", "cadence", "accessed_on", "complete")


def inputs_hash(home: Home, variables: Mapping[str, str]) -> str:
    """Return a hash of all that decides what the marts hold: landed data, models, engine versions.

    A refused file whose last good snapshot stays in use leaves it as it was.
    """
    state = hashlib.sha256()
    catalogue = pq.read_table(home.landing / "catalogue.parquet", columns=list(_STATED))
    for line in sorted({str(row) for row in catalogue.to_pylist() if row["object"]}):
        state.update(line.encode())
    state.update(str({**_engines(), **variables}).encode())
    return state.hexdigest()


def inputs(raw_dir: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of every file in raw/, and the state of all that turns them into marts."""
    files = [path for path in sorted(raw_dir.rglob("*")) if path.is_file()]
    hashes = {
        path.relative_to(raw_dir.parent).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    return {**hashes, **_engines(), **variables}


def _engines() -> dict[str, str]:
    versions = {package: version(package) for package in ENGINE_PACKAGES}
    code = {"dbt project": dbt_project_hash(), "landing": files.code_hash(*landing.CODE)}
    return code | versions


def dbt_project_hash() -> str:
    """Return a hash of every file that dbt reads: it changes when the project does."""
    folders = ("models", "macros", "seeds", "tests")
    files = [p for folder in folders for p in (DBT_PROJECT / folder).rglob("*") if p.is_file()]
    state = hashlib.sha256()
    for path in [DBT_PROJECT / "dbt_project.yml", DBT_PROJECT / "profiles.yml", *sorted(files)]:
        state.update(f"{path.relative_to(DBT_PROJECT)}\n".encode() + path.read_bytes())
    return state.hexdigest()


def code() -> dict[str, Any]:
    """Return the commit of the code, and whether files differ from it (None: not known)."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(PROJECT), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != PROJECT:
            return {"commit": "unknown: not a git checkout", "uncommitted_changes": None}
        commit, changes = git("rev-parse", "HEAD"), git("status", "--porcelain")
    except (OSError, subprocess.CalledProcessError):
        return {"commit": "unknown: not a git checkout", "uncommitted_changes": None}
    return {"commit": commit, "uncommitted_changes": bool(changes)}


def packages() -> dict[str, str]:
    """Return the version of Python and of each package that a build needs."""
    needed = [line for line in requires("genai-ledger") or [] if "extra ==" not in line]
    names = sorted(re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0] for line in needed)
    return {"python": platform.python_version()} | {name: version(name) for name in names}
