"""The dbt project as Dagster sees it: its parsed manifest, its nodes as assets, dbt as a process.

Belongs here: everything that knows dagster-dbt. Not here: the other assets (`assets`), and what
the models say (`dbt_project/`).
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import dagster as dg
import duckdb
from packaging.version import Version

from orchestration.config import DBT_COMMAND, DBT_PROJECT, DBT_TARGET, Home, engine
from orchestration.dbt import run_dbt
from orchestration.defs import spark, stages
from orchestration.defs.automation import RUN_RECENCY
from orchestration.defs.dbt_state import DbtState
from orchestration.defs.request import SentenceError, one_sentence
from orchestration.lineage import dictionary
from orchestration.publication import provenance
from orchestration.publication.contents import attach
from orchestration.publication.publish import (
    BuildRequest,
    PublicationRefusedError,
    failed_audits,
    refusal,
)

# dagster-dbt does without dbt, as with dbt Fusion, and here dbt is a process of its own: importing
# it takes more than a second of each process that loads these definitions.
sys.modules.setdefault("dbt.version", None)  # type: ignore[arg-type] # None: can't be imported
from dagster_dbt import (  # noqa: E402
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY  # noqa: E402

if sys.modules["dbt.version"] is None:
    del sys.modules["dbt.version"]

# What a test holds, as a reader of its check is told.
_RULES = {
    "primary_key": "`{column}` has a value in every row, and no two rows have the same.",
    "not_null": "`{column}` has a value in every row.",
    "unique": "No two rows have the same `{column}`.",
    "unique_together": "No two rows have the same {columns}.",
    "accepted_values": "`{column}` is one of {values}.",
    "is_between": "`{column}` lies between {low:,} and {high:,}.",
    "relationships": "Each `{column}` stands in `{table}.{field}`.",
}
OWNERS = ["team:maintainers"]  # as dbt's group of that name has it


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


def dbt_process(home: Home) -> DbtProcess:
    """Return the resource `dbt`, which builds the project as `prepare_manifest` parsed it."""
    is_spark = engine() == "spark"  # of which dbt parses other settings
    parsed = [] if is_spark else ["--parsed", str(home.parsed)]
    return DbtProcess(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        target="spark" if is_spark else DBT_TARGET,
        dbt_executable=DBT_COMMAND[0],
        global_config_flags=[*DBT_COMMAND[1:], *parsed],
    )


def is_published(key: dg.AssetKey) -> bool:
    """Whether a model is described and published: a table of the marts or of the audit."""
    return key.path[0] in ("marts", "audit")


def landing_key(kind: str) -> dg.AssetKey:
    """Return the asset of all landed rows of a kind: a table of the dbt source `landing`."""
    return dg.AssetKey(["landing", kind])


class _Translator(DagsterDbtTranslator):
    """Names and groups dbt's nodes as the folders do, and tells of them what the project knows."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return landing/<kind> for a source, <folder>/<name> for a model or seed."""
        if dbt_resource_props["resource_type"] == "source":
            return landing_key(dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the schema: staging, intermediate, marts, audit, seeds."""
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """Return the owners of all."""
        return OWNERS

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        """Return how it is kept, beside dbt's own tags."""
        kept = dbt_resource_props["config"].get("materialized", "table")
        return {**super().get_tags(dbt_resource_props), "kept_as": kept}

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the default with the table's name as readers open it, without the file's."""
        schema, name = dbt_resource_props["schema"], dbt_resource_props["name"]
        named = {"dagster/table_name": f"{schema}.{name}"}
        return {**super().get_metadata(dbt_resource_props), **named}

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Return the default with what the test asks."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(description=manifest["nodes"][unique_id]["description"])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Return the default spec with the policy of run recency."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(freshness_policy=RUN_RECENCY)


def _with_readable_tests(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest in which each test is named and described for whoever sees it fail.

    dbt's own names repeat the model's, and end in a hash where they are long.
    """
    nodes, taken = dict(manifest["nodes"]), Counter[tuple[str, str]]()
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "test" and "test_metadata" in node:
            name = "_".join(filter(None, (node["column_name"], node["test_metadata"]["name"])))
            taken[node["attached_node"], name] += 1
            number = taken[node["attached_node"], name]
            described = node["description"] or " ".join(map(_sentence, dictionary.rules(node)))
            if where := node["config"].get("where"):
                described += f" Of rows where {where}."
            unique = name if number == 1 else f"{name}_{number}"
            nodes[unique_id] = {**node, "name": unique, "description": described}
    return {**manifest, "nodes": nodes}


def _sentence(rule: dictionary.Rule) -> str:
    """Return what a rule asks of the rows of its table."""
    told = {
        **rule.arguments,
        "column": rule.columns[0],
        "columns": ", ".join(f"`{name}`" for name in rule.columns),
        "values": ", ".join(map(str, rule.arguments.get("values", ()))),
        "table": dictionary.referred_table(rule) if "to" in rule.arguments else None,
    }
    return _RULES.get(rule.name, f"`{{column}}`: {rule.name}.").format_map(told)


def dbt_build_asset(home: Home) -> dg.AssetsDefinition:
    """Return the models and seeds as assets, and the tests as their checks; one dbt builds all."""
    translator = _Translator(
        DagsterDbtTranslatorSettings(
            enable_source_tests_as_checks=True, enable_code_references=True
        )
    )

    @dbt_assets(
        manifest=_with_readable_tests(json.loads(home.manifest.read_text())),
        project=DbtProject(DBT_PROJECT, target_path=home.dbt_target, profiles_dir=DBT_PROJECT),
        dagster_dbt_translator=translator,
        name="dbt_build",
    )
    def dbt_build(
        context: dg.AssetExecutionContext, dbt: DbtProcess, request: dg.ResourceParam[BuildRequest]
    ) -> Iterator[Any]:
        """Build and test what changed in one process; keep the results for the publication."""
        with one_sentence(request):
            state = DbtState(home, request.variables)
        unchanged: set[str] = set()
        if not (context.is_subset or request.force):
            unchanged = state.unchanged()
        if unchanged:
            kept, whole = len(unchanged), len(state.nodes)
            context.log.info(f"unchanged  {kept:,} of {whole:,} models, seeds and tests")
        facts = _table_facts(home) if unchanged else {}
        for name in state.in_order(unchanged):
            if state.nodes[name]["resource_type"] != "test":
                key = translator.get_asset_key(state.nodes[name])
                told = {**facts[name], "state": "unchanged"}
                # No step waits for what isn't published: an output of it would cost as much again.
                made = dg.MaterializeResult if is_published(key) else dg.AssetMaterialization
                yield made(asset_key=key, metadata=told)
        # Else the UI shows each check that stands as one that was skipped.
        for spec in context.assets_def.check_specs:
            if (test := spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]) in unchanged:
                yield from _evaluation(context, spec.key, _as_it_stands(state.status(test)))
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
    if engine() == "spark":
        spark.prepare_spark()
    target_path = home.dbt_target / f"dbt_build-{context.run_id}"
    anew = not unchanged and not context.is_subset
    tables = []
    stages.load_page_early()
    with state.rebuilding(target_path, anew=anew):
        invocation = dbt.cli(
            state.arguments(unchanged),
            context=context,
            target_path=target_path,
            raise_on_error=False,
        )
        for event in invocation.stream():
            # Checks are passed on as they come, so that progress can be seen; what there is to tell
            # of a table can be read only after dbt has let go of its files.
            if isinstance(event, dg.Output | dg.AssetMaterialization):
                tables.append(event)
            elif isinstance(event, dg.AssetCheckResult) and event.asset_key and event.check_name:
                check = dg.AssetCheckKey(event.asset_key, event.check_name)
                yield from _evaluation(context, check, event)
            else:
                yield event
        is_successful = invocation.is_successful()
        if is_successful and engine() == "spark":
            spark.read_back(home, target_path)
    if is_successful and not context.is_subset:
        stages.describe(home)
    facts = _table_facts(home) if is_successful else defaultdict(dict)
    for event in tables:
        name = str(event.metadata["unique_id"].value)
        yield event.with_metadata({**event.metadata, **facts[name]})
    if not is_successful:
        raise SentenceError(_what_failed(home))


def _evaluation(
    context: dg.AssetExecutionContext, check: dg.AssetCheckKey, result: dg.AssetCheckResult
) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
    """Yield what Dagster makes of a check's result, without reading what its table was before.

    The table is of this run too, as is all that the check is shown beside.
    """
    yield dg.Output(None, context.assets_def.get_output_name_for_asset_check_key(check))
    yield dg.AssetCheckEvaluation(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=result.passed,
        metadata=result.metadata,
        severity=result.severity,
        description=result.description,
    )


def _as_it_stands(status: str) -> dg.AssetCheckResult:
    """Return what a test said last, in dbt's word, of a table that is unchanged."""
    return dg.AssetCheckResult(
        passed=status != "warn",
        severity=dg.AssetCheckSeverity.WARN if status == "warn" else dg.AssetCheckSeverity.ERROR,
        description="It stands as it was: nothing that it is made of has changed.",
        metadata={"state": "unchanged", "status": status},
    )


def _what_failed(home: Home) -> str:
    """Return a sentence on a dbt that did not end well."""
    try:
        if failures := failed_audits(home):
            return refusal(failures)
    except PublicationRefusedError:
        pass
    return "dbt stopped before any result: see what it said above."


def _table_facts(home: Home) -> defaultdict[str, dict[str, Any]]:
    """Return rows and column lineage of what is built, as metadata by dbt's unique id."""
    facts: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    if not (home.work.exists() and home.candidate.exists()):
        return facts
    with duckdb.connect(str(home.work), read_only=True) as connection:
        attach(connection, home.candidate, "candidate")
        rows = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
        views = connection.execute(
            "select view_name from duckdb_views() where schema_name = 'staging'"
        ).fetchall()
        for (view,) in views:
            count = f"select 'staging', '{view}', count(*) from staging.{view}"  # noqa: S608 - ours
            rows += connection.execute(count).fetchall()
        lineage = _column_lineage(connection)
    for schema, table, count in rows:
        kind = "seed" if schema == "seeds" else "model"
        facts[f"{kind}.genai_ledger.{table}"]["dagster/row_count"] = count
    for table, columns in lineage.items():
        facts[f"model.genai_ledger.{table}"]["dagster/column_lineage"] = dg.TableColumnLineage(
            columns
        )
    return facts


def _column_lineage(
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, dict[str, list[dg.TableColumnDep]]]:
    """Return of which columns each column is made, by table; none before it is described."""
    found: dict[str, dict[str, list[dg.TableColumnDep]]] = {}
    try:
        edges = connection.execute(
            "select downstream_table, downstream_column, upstream_schema, upstream_table, "
            "upstream_column from candidate.audit.lineage "
            "where upstream_column is not null and upstream_schema <> 'file'"
        ).fetchall()
    except duckdb.CatalogException:
        return found
    for table, column, *asset, upstream in edges:
        dep = dg.TableColumnDep(dg.AssetKey(asset), upstream)
        found.setdefault(table, {}).setdefault(column, []).append(dep)
    return found
