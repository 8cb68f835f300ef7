"""What results are made from, as hashes: one is skipped only while all that made it is unchanged.

Belongs here: naming and hashing what a result is made of, and remembering of which key it is. Not
here: making it. A key holds our own code, the packages, and what the result was made from.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from orchestration import files
from orchestration.config import DBT_PROJECT, PROJECT, Home, engine

T = TypeVar("T")

# The code that each result passes through; a test holds them to all that it imports.
ROOMS: dict[str, tuple[str, ...]] = {
    "land": (
        *("landing", "parsing", "reading", "sources/formats.py", "sources/kinds.py"),
        *("sources/registry.py", "sources/source_schema.json", "sources/source_yml.py"),
    ),
    "manifest": ("dbt.py", "defs/dbt_project.py"),
    "marts": ("defs/dbt_project.py", "defs/dbt_state.py", "defs/spark.py"),
    "rules": ("dbt.py", "intake/rules.py"),
    "dictionary": (
        *("lineage/columns.py", "lineage/dictionary.py", "lineage/edges.py"),
        *("lineage/of_sql.py", "parsing"),
        *("publication/contents.py", "publication/provenance.py", "sources/kinds.py"),
    ),
    "docs": ("dbt.py", "defs/stages.py"),
    "published": (
        *("publication/contents.py", "publication/provenance.py"),
        *("publication/publish.py", "publication/versions.py"),
    ),
    "exports": ("publication/contents.py", "publication/exports.py"),
    "page_library": ("report/library.py",),
    "report": (
        *("publication/contents.py", "publication/exports.py", "publication/versions.py"),
        *("report", "defs/source_states.py"),
    ),
}
# What the catalogue says of a file's sheets and of bytes that were refused. The rest decides the
# marts: a refused file whose last good snapshot stays in use changes nothing.
_NO_INPUT = {
    *("sheet", "status", "problem", "header_row", "rows", "columns", "unmapped", "findings"),
    *("sha256", "bytes"),
}


def key(result: str, *made_of: object) -> str:
    """Return the hash of all that makes a result: `made_of`, our code, the packages."""
    whole = [files.code_hash(*ROOMS[result]), packages(), made_of]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def marts_key(home: Home, variables: Mapping[str, str]) -> str:
    """Return the key of what dbt builds from what has landed."""
    return key("marts", landed(home), dbt_project_hash(), variables, engine())


def landed(home: Home) -> list[str]:
    """Return what has landed and is in use, a text a file."""
    try:
        catalogue = files.read_parquet(home.landing / "catalogue.parquet")
    except (OSError, pa.ArrowException):  # what is damaged will be landed again
        return []
    stated = catalogue.select([name for name in catalogue.column_names if name not in _NO_INPUT])
    return sorted({str(row) for row in stated.to_pylist() if row["object"]})


def docs_key() -> str:
    """Return the key of the dbt docs."""
    return key("docs", dbt_project_hash())


def inputs_hash(marts: str) -> str:
    """Return the key of the version that is made of marts, with their dictionary."""
    return key("published", key("dictionary", marts))


def keys(home: Home) -> dict[str, str]:
    """Return the key of each result that stands."""
    # A damaged record is none: everything is made again.
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(home.keys.read_text())
        return found if isinstance(found, dict) else {}
    return {}


def record(home: Home, **made: str | None) -> None:
    """Remember the keys of results that were made; None forgets one that no longer stands."""
    known = {name: key for name, key in {**keys(home), **made}.items() if key}
    with files.replacing(home.keys) as partial:
        partial.write_text(json.dumps(known, indent=1))


def unless_made(
    home: Home, result: str, made_of: str, make: Callable[[], T], output: Path | None = None
) -> T | None:
    """Make a result and remember its key; None, and nothing is done, while it stands already."""
    present = key(result, made_of)
    if keys(home).get(result) == present and (output is None or output.exists()):
        return None
    # A result that is made half must not pass for a whole one later.
    record(home, **{result: None})
    made = make()
    record(home, **{result: present})
    return made


def inputs(raw: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return all that a version is made from by name, to tell people what changed."""
    results = {"landing": "land", "dictionary": "dictionary", "publication": "published"}
    code = {f"{name} code": files.code_hash(*ROOMS[made]) for name, made in results.items()}
    return {**raw, "dbt project": dbt_project_hash(), **code, **packages(), **variables}


def dbt_project_hash(*folders: str) -> str:
    """Return a hash of all files that dbt reads, or of the project's settings and some folders."""
    folders = folders or ("models", "macros", "seeds", "tests")
    paths = [p for folder in folders for p in (DBT_PROJECT / folder).rglob("*") if p.is_file()]
    state = hashlib.sha256()
    for path in [DBT_PROJECT / "dbt_project.yml", DBT_PROJECT / "profiles.yml", *sorted(paths)]:
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


@cache
def packages() -> dict[str, str]:
    """Return the version of Python and of each package that a build needs."""
    needed = [line for line in requires("genai-ledger") or [] if "extra ==" not in line]
    names = sorted(re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0] for line in needed)
    return {"python": platform.python_version()} | {name: version(name) for name in names}
