"""Building from the command line: what has to be made, and by what it is made.

Belongs here: skipping what stands, the whole build, one model alone, going back to a version. Not
here: Dagster, which takes seconds to load and is only needed where something is to be built.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import duckdb
from rich.console import Console

from orchestration import config
from orchestration.config import Home, LedgerError, nearest
from orchestration.defs import stages
from orchestration.publication import lock, provenance, publish, versions
from orchestration.publication.contents import damage
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources, raw_files


def build_warehouse(
    home: Home, raw_dir: Path, console: Console, variables: Mapping[str, str], *, force: bool
) -> list[str]:
    """Build and publish; return a sentence for each thing that went wrong, none when all is well.

    Nothing runs when there is a version of all that makes the result, unless `force` is set. Waits
    for another run to end. Raises LedgerError when there is nothing to build from.
    """
    with lock.sole_writer(home, console.print):
        find_sources(raw_dir, read_kinds()).require_data(raw_dir)
        raw = raw_files(raw_dir)
        if force or not stages.is_built(home, raw, variables):
            console.print("Loading Dagster and the dbt project ...", style="bold")
            config.collect_garbage_seldom()  # from here on: importing Dagster makes most of it
            from orchestration.defs.job_run import run_job  # noqa: PLC0415

            return run_job(home, raw_dir, console, variables, force=force)
        console.print(f"  unchanged  {len(raw):,} files of {raw_dir.name}/")
        written = [] if variables else _show(home)
        console.print(
            f"Nothing else changed; written again: {', '.join(written)}."
            if written
            else "Nothing changed since this was built: nothing to build."
        )
        return []


def build_model(home: Home, raw_dir: Path, console: Console, model: str) -> list[str]:
    """Build one model, what it needs and what needs it, and publish; return what went wrong.

    Of what stands as it was built nothing is built again; the docs wait for the next whole build.
    Raises LedgerError when there is no such model, or when what has landed is not of today.
    """
    started = time.monotonic()
    models = {path.stem for path in config.DBT_PROJECT.glob("models/**/*.sql")}
    if model not in models:
        raise LedgerError(f"there is no model {model}; {nearest(model, models)}")
    with lock.sole_writer(home, console.print):
        raw = raw_files(raw_dir)
        if not stages.is_landed(home, raw):
            raise LedgerError(
                "raw files, or what reads them, have changed: run `genai-ledger build`"
            )
        # Parsed in part only: the next whole build parses afresh.
        provenance.record(home, manifest=None)
        stages.load_page_early()
        command = [*config.DBT_COMMAND, "--model", model]
        if subprocess.run(command, cwd=config.DBT_PROJECT, check=False).returncode:
            return [f"dbt could not build {model}: see above what it said."]
        stages.describe(home)
        try:
            publish.publish(home, publish.BuildRequest(raw, {}, started=started))
        except publish.PublicationRefusedError as refusal:
            return [str(refusal)]
        _show(home)
    return []


def _show(home: Home) -> list[str]:
    """Write what people look at beside the served file, where it isn't of today; name it."""
    return [name for name, write in stages.SHOWN.items() if write(home) is not None]


def roll_back(home: Home, console: Console, wanted: str | None) -> versions.Manifest:
    """Serve an older version again, and rewrite what people look at beside the served file.

    Raises LedgerError when there is no such version.
    """
    with lock.sole_writer(home, console.print):
        version = versions.rollback(home, wanted)
        try:
            _show(home)
        except duckdb.Error as error:  # it is served, and is no less for what can't be shown
            console.print(f"Problem: the exports and the report stay as they are. {damage(error)}")
    return version
