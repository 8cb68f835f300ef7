"""The dbt project as Dagster sees it: its parsed manifest, its nodes as assets, dbt as a process.

Belongs here: everything that knows dagster-dbt. Not here: the other assets (`assets`), and what
the models say (`dbt_project/`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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

from orchestration.config import DBT_COMMAND, DBT_PROJECT, DBT_TARGET, Home
from orchestration.dbt import run_dbt
from orchestration.defs.automation import RUN_RECENCY
from orchestration.defs.dbt_state import DbtState
from orchestration.publication import provenance
from orchestration.publication.publish import (
    BuildRequest,
    PublicationRefusedError,
    failed_audits,
    refusal,
)


def prepare_manifest(home: Home) -> None:
    """Have an up-to-date `home.manifest`: parsed once, and again only when the project changed.

    Raises LedgerError with what dbt says when it can't parse the project.
    """

    def parse() -> None:
        home.dbt_target.mkdir(parents=True, exist_ok=True)
        # Parsed afresh: dbt's partial parsing drops what YAML says of tests in files of their own.
        run_dbt("parse", "--no-partial-parse", target=home.dbt_target)

    provenance.unless_made(home, "manifest", provenance.dbt_project_hash(), parse, home.manifest)


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
        target=DBT_TARGET,
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
    translator = _Translator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    @dbt_assets(
        manifest=home.manifest,
        project=DbtProject(DBT_PROJECT, target_path=home.dbt_target, profiles_dir=DBT_PROJECT),
        dagster_dbt_translator=translator,
        name="dbt_build",
    )
    def dbt_build(
        context: dg.AssetExecutionContext, dbt: DbtProcess, request: dg.ResourceParam[BuildRequest]
    ) -> Iterator[Any]:
        """Build and test what changed in one process; keep the results for the publication."""
        state = DbtState(home, request.variables)
        unchanged: set[str] = set()
        if not (context.is_subset or request.force):
            unchanged = state.unchanged()
        if unchanged:
            kept, whole = len(unchanged), len(state.nodes)
            context.log.info(f"unchanged  {kept:,} of {whole:,} models, seeds and tests")
        for name in state.in_order(unchanged):
            if state.nodes[name]["resource_type"] != "test":
                key = translator.get_asset_key(state.nodes[name])
                yield dg.MaterializeResult(key, metadata={"state": "unchanged"})
        if unchanged != state.nodes.keys():
            yield from _build(home, context, dbt, state, unchanged)

    return dbt_build


def _build(
    home: Home,
    context: dg.AssetExecutionContext,
    dbt: DbtProcess,
    state: DbtState,
    unchanged: Collection[str],
) -> Iterator[Any]:
    target_path = home.dbt_target / f"dbt_build-{context.run_id}"
    anew = not unchanged and not context.is_subset
    with state.rebuilding(target_path, anew=anew):
        invocation = dbt.cli(
            state.arguments(unchanged),
            context=context,
            target_path=target_path,
            raise_on_error=False,
        )
        yield from _with_row_counts(home, invocation.stream())
    if not invocation.is_successful():
        raise dg.Failure(_what_failed(home), allow_retries=False)


def _what_failed(home: Home) -> str:
    """Return a sentence on a dbt that did not end well."""
    try:
        if failures := failed_audits(home):
            return refusal(failures)
    except PublicationRefusedError:
        pass
    return "dbt stopped before any result: see what it said above."


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
