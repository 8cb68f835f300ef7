"""The dbt project as Dagster sees it: its parsed manifest, its nodes as assets, dbt as a process.

Belongs here: everything that knows dagster-dbt. Not here: the other assets (`assets`), and what
the models say (`dbt_project/`).
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)
from packaging.version import Version

from orchestration.config import DBT_COMMAND, DBT_PROJECT, Home
from orchestration.defs.automation import RUN_RECENCY
from orchestration.defs.run import Run
from orchestration.publication.provenance import dbt_project_hash


def prepare_manifest(home: Home) -> None:
    """Have an up-to-date `home.manifest`: parsed once, and again only when the project changed.

    Raises `subprocess.CalledProcessError` when dbt can't parse the project.
    """
    stamp = home.dbt_target / "manifest.hash"
    current = dbt_project_hash()
    if not (home.manifest.exists() and stamp.exists() and stamp.read_text() == current):
        home.dbt_target.mkdir(parents=True, exist_ok=True)
        # A parse that is stopped half way must not pass for a whole one later.
        stamp.unlink(missing_ok=True)
        # Parsed afresh: dbt's partial parsing drops what YAML says of tests in files of their own.
        command = ["parse", "--no-partial-parse", "--project-dir", str(DBT_PROJECT)]
        command += ["--target-path", str(home.dbt_target)]
        subprocess.run([*DBT_COMMAND, "--quiet", *command], check=True, cwd=DBT_PROJECT)
        stamp.write_text(current)


class DbtProcess(DbtCliResource):
    """dbt as a process of its own, and nothing else: what costs seconds and serves nothing is out.

    An adapter in Dagster's process would also hold DuckDB's lock; the metadata that it serves is
    read straight from the files.
    """

    @property
    def _cli_version(self) -> Version:
        # Asking dbt for its version starts a process; the installed package knows it.
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:  # noqa: ARG002
        return None


def dbt_process() -> DbtProcess:
    """Return the resource `dbt`."""
    return DbtProcess(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=DBT_COMMAND[0],
        global_config_flags=list(DBT_COMMAND[1:]),
    )


def landing_key(kind: str) -> dg.AssetKey:
    """Return the asset of all landed rows of a kind: a table of the dbt source `landing`."""
    return dg.AssetKey(["landing", kind])


class _Translator(DagsterDbtTranslator):
    """Names and groups dbt's nodes as the folders do, and gives every model a freshness policy."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return landing/<kind> for a source, <folder>/<name> for a model or seed."""
        if dbt_resource_props["resource_type"] == "source":
            return landing_key(dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the schema: staging, intermediate, marts, audit, seeds."""
        return str(dbt_resource_props["schema"])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Return the default spec with the policy of run recency."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(freshness_policy=RUN_RECENCY)


def dbt_build_asset(home: Home) -> dg.AssetsDefinition:
    """Return the models and seeds as assets, and the tests as their checks; one dbt builds all."""

    @dbt_assets(
        manifest=home.manifest,
        project=DbtProject(DBT_PROJECT, target_path=home.dbt_target, profiles_dir=DBT_PROJECT),
        dagster_dbt_translator=_Translator(
            DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True)
        ),
        name="dbt_build",
    )
    def dbt_build(
        context: dg.AssetExecutionContext, dbt: DbtProcess, run: dg.ResourceParam[Run]
    ) -> Iterator[Any]:
        """Build and test the dbt project in one process; keep its results for the publication."""
        _clear(home, is_partial=context.is_subset)
        # Unit tests judge the models, not the data: `make test` runs them.
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        if run.request.variables:
            arguments += ["--vars", json.dumps(run.request.variables)]
        invocation = dbt.cli(arguments, context=context, raise_on_error=False)
        results = {"run_results.json": home.audit_results, "dbt.log": home.dbt_log}
        try:
            yield from _with_row_counts(home, invocation.stream())
        finally:
            for name, kept in results.items():
                if (invocation.target_path / name).exists():
                    kept.parent.mkdir(exist_ok=True)
                    (invocation.target_path / name).replace(kept)
            shutil.rmtree(invocation.target_path, ignore_errors=True)

    return dbt_build


def _clear(home: Home, *, is_partial: bool) -> None:
    # Results of an earlier build must not speak for this one.
    for old in (home.audit_results, home.dbt_log):
        old.unlink(missing_ok=True)
    if is_partial:
        # A part of the marts is rebuilt: the other part is as it was served.
        if home.served.exists() and not home.candidate.exists():
            shutil.copyfile(home.served, home.candidate)
    else:
        # Both are made anew, so that nothing that a stopped build has left speaks in this one.
        for path in (home.work, home.candidate):
            path.unlink(missing_ok=True)
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _with_row_counts(home: Home, events: Iterator[Any]) -> Iterator[Any]:
    """Attach row counts to tables, which can be read only after dbt has let go of its files.

    Checks are passed on as they come, so that progress can be seen.
    """
    tables = []
    for event in events:
        if isinstance(event, dg.Output | dg.AssetMaterialization):
            tables.append(event)
        else:
            yield event
    rows: dict[str, int] = {}
    for path in (home.work, home.candidate):
        if path.exists():
            with duckdb.connect(str(path), read_only=True) as connection:
                query = "select table_name, estimated_size from duckdb_tables()"
                rows |= dict(connection.execute(query).fetchall())
    for event in tables:
        name = str(event.metadata["unique_id"].value).rpartition(".")[2]
        known = {"dagster/row_count": rows[name]} if name in rows else {}
        yield event.with_metadata({**event.metadata, **known})
