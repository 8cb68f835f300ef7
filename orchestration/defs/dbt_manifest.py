"""dbt's manifest: parsed once, and again only when the dbt project changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from orchestration import config
from orchestration.publication.provenance import dbt_project_hash


def prepared_manifest(place: config.Home) -> Path:
    """Return the path of an up-to-date manifest.json, parsing the project if it isn't.

    Raises `subprocess.CalledProcessError` when dbt can't parse the project.
    """
    manifest = place.dbt_target / "manifest.json"
    stamp = place.dbt_target / "manifest.hash"
    current = dbt_project_hash()
    if not (manifest.exists() and stamp.exists() and stamp.read_text() == current):
        place.dbt_target.mkdir(parents=True, exist_ok=True)
        # A parse that is stopped half way must not pass for a whole one later.
        stamp.unlink(missing_ok=True)
        # Parsed afresh: dbt's partial parsing drops what YAML says of tests in files of their own.
        command = ["parse", "--no-partial-parse", "--project-dir", str(config.DBT_PROJECT)]
        command += ["--target-path", str(place.dbt_target)]
        subprocess.run(
            [*config.DBT_COMMAND, "--quiet", *command],
            check=True,
            cwd=config.DBT_PROJECT,
        )
        stamp.write_text(current)
    return manifest
