"""dbt asked about the project by a process of its own: parsing, compiling, writing the docs.

Belongs here: starting it where and as a build does, and what it says when it can't. Not here:
building (`defs`), and the process itself (`defs.dbt_child`).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from orchestration.config import DBT_COMMAND, DBT_PROJECT, DBT_TARGET, LedgerError


def run_dbt(*arguments: str, target: Path, parsed: Path | None = None) -> None:
    """Run a dbt command, which writes into the folder `target`; its own lines are not shown.

    With `parsed` it takes the project as it was parsed there, which saves seconds. Raises
    LedgerError with what dbt says when it can't.
    """
    options = ["--target", DBT_TARGET, "--target-path", str(target)]
    taken = ["--parsed", str(parsed)] if parsed else []
    command = [*DBT_COMMAND, *taken, "--quiet", *arguments, *options]
    done = subprocess.run(command, check=False, cwd=DBT_PROJECT, capture_output=True, text=True)
    if done.returncode:
        told = " ".join((done.stdout or done.stderr).split())
        raise LedgerError(f"dbt can't read the project, so nothing was built: {told}")
