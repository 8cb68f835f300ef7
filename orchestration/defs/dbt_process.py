"""dbt as Dagster runs it: one process, quickly started.

Belongs here: what dagster-dbt does before it starts dbt, where that costs seconds and serves
nothing here. Not here: which dbt commands run (`assets`) and the parsed project (`manifest`).
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from dagster_dbt import DbtCliResource
from packaging.version import Version


class DbtProcess(DbtCliResource):
    """dbt as a process of its own, and nothing else."""

    @property
    def _cli_version(self) -> Version:
        # Asking dbt for its version starts a process; the installed package knows it.
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:  # noqa: ARG002
        # An adapter in Dagster's process takes seconds to load, holds DuckDB's lock, and serves
        # only metadata that is read straight from the files here.
        return None
