"""The Dagster assets: raw sources landed, the dbt project built, the docs written, the file served.

Belongs here: which assets there are, how they hang together, what Dagster is told of each. The
work itself is in `landing`, the dbt project and `publication`; when it runs is in `automation`.

    raw/<kind>/<source> -> landing/<kind> -> dbt models and tests -> dictionary -> docs -> published
    -> exports -> report
"""

import contextlib
import datetime as dt
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    dbt_assets,
)
from pydantic import Field, PrivateAttr

from orchestration import config, files, landing
from orchestration.defs.dbt_manifest import prepared_manifest
from orchestration.defs.dbt_process import DbtProcess
from orchestration.defs.freshness import RUN_RECENCY, data_recency_check, run_recency
from orchestration.lineage import dictionary
from orchestration.publication import exports, lock, provenance, publish, versions
from orchestration.report import page
from orchestration.sources import kinds, registry

PLACE = config.home()
RAW_DIR = config.raw_dir()
KINDS = kinds.read_kinds(config.KINDS_FILE)
FOUND = registry.find_sources(RAW_DIR, KINDS)
SOURCES = [source for source in FOUND.sources if not source.awaits_consent]
MANIFEST = prepared_manifest(PLACE)
PROJECT = DbtProject(
    project_dir=config.DBT_PROJECT,
    target_path=PLACE.dbt_target,
    profiles_dir=config.DBT_PROJECT,
)


DBT = DbtProcess(
    project_dir=str(config.DBT_PROJECT),
    dbt_executable=config.DBT_COMMAND[0],
    global_config_flags=list(config.DBT_COMMAND[1:]),
)

DICTIONARY = dg.AssetKey("dictionary")
DOCS = dg.AssetKey("docs")
PUBLISHED = dg.AssetKey("published")
REPORT = dg.AssetKey("report")
EXPORTS = dg.AssetKey("exports")


class Build(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What a run builds, and its sole right to write the home while it does."""

    as_of: str = Field(default="", description="The last day the marts speak of, or empty.")
    known_by: str = Field(default="", description="The day after which snapshots don't count.")
    force: bool = Field(default=False, description="Publish even when nothing changed.")
    _inputs: dict[str, str] = PrivateAttr(default_factory=dict)
    _started: float = PrivateAttr(default=0.0)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Build"]:
        """Wait for other writers, then note what there is to build from."""
        say = context.log.info if context.log else print
        with lock.sole_writer(PLACE, say):
            self._started = time.monotonic()
            # Before any is read: a file that changes meanwhile is read again by the next build.
            self._inputs = provenance.inputs(RAW_DIR, self.variables())
            yield self

    def variables(self) -> dict[str, str]:
        """Return the dbt variables that were asked for."""
        asked = {"as_of": self.as_of, "known_by": self.known_by}
        return {name: value for name, value in asked.items() if value}

    def order(self, *, all_used: bool) -> publish.Order:
        """Return what the publication has to know of this run."""
        seconds = time.monotonic() - self._started
        return publish.Order(self._inputs, self.variables(), all_used, self.force, seconds)


def raw_key(source: registry.Source) -> dg.AssetKey:
    """Return the asset of one source's files."""
    return dg.AssetKey(["raw", source.kind, source.name])


def landing_key(kind: str) -> dg.AssetKey:
    """Return the asset of all landed rows of a kind: a table of the dbt source `landing`."""
    return dg.AssetKey(["landing", kind])


CATALOGUE_KEY = landing_key("source_files")


def _raw_spec(source: registry.Source) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(source),
        group_name="raw",
        description=f"{source.title}\n\n{source.contents}",
        kinds={"file"},
        freshness_policy=run_recency(source.cadence),
        metadata={
            "producer": source.producer,
            "page": dg.MetadataValue.url(source.url),
            "licence": source.licence,
            "cadence": source.cadence,
            "snapshots": len(source.snapshots),
        },
    )


def _landing_specs() -> Iterator[dg.AssetSpec]:
    for kind in KINDS.values():
        yield dg.AssetSpec(
            landing_key(kind.name),
            deps=[raw_key(source) for source in SOURCES if source.kind == kind.name],
            group_name="landing",
            description=kind.description,
            kinds={"parquet"},
        )
    yield dg.AssetSpec(
        CATALOGUE_KEY,
        deps=[raw_key(source) for source in SOURCES],
        group_name="landing",
        description="What landing knows of the raw files.",
        kinds={"parquet"},
    )


def _source_checks() -> Iterator[dg.AssetCheckSpec]:
    for source in SOURCES:
        for name, question in (
            ("file_is_readable", "Could every file of the source be read?"),
            ("data_recency", "Is the newest snapshot as recent as the cadence promises?"),
        ):
            yield dg.AssetCheckSpec(name, asset=raw_key(source), description=question)


@dg.multi_asset(
    name="land",
    specs=[*(_raw_spec(source) for source in SOURCES), *_landing_specs()],
    check_specs=list(_source_checks()),
    required_resource_keys={"build"},
)
def land(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Land every raw file that changed; a file that can't be read fails its own source only."""
    results = landing.land(FOUND.sources, KINDS, RAW_DIR, PLACE.landing)
    for problem in FOUND.problems:
        context.log.error(problem.message)
    for result in results:
        say = context.log.error if result.outcome == "refused" else context.log.info
        say(result.problem or f"{result.outcome:>9}  {result.file}  {result.rows:,} rows")
    for source in SOURCES:
        own = [r for r in results if (r.kind, r.source) == (source.kind, source.name)]
        yield dg.MaterializeResult(
            raw_key(source),
            metadata={
                "dagster/row_count": sum(r.rows for r in own),
                "files": {r.file: r.outcome for r in own},
            },
        )
        yield from _judge_source(source, own)
    for kind in KINDS:
        rows = sum(r.rows for r in results if r.kind == kind)
        yield dg.MaterializeResult(landing_key(kind), metadata={"dagster/row_count": rows})
    yield dg.MaterializeResult(CATALOGUE_KEY, metadata={"dagster/row_count": len(results)})


def _judge_source(
    source: registry.Source, results: list[landing.LandedFile]
) -> Iterator[dg.AssetCheckResult]:
    problems = [r.problem for r in results if r.outcome == "refused" and r.problem]
    yield dg.AssetCheckResult(
        asset_key=raw_key(source),
        check_name="file_is_readable",
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(problems) or f"{len(results):,} files read.",
    )
    yield data_recency_check(
        raw_key(source),
        cadence=source.cadence,
        frozen_because=source.frozen_because,
        newest_snapshot=max((s.snapshot_date for s in source.snapshots), default=None),
        newest_row=_newest_row(source),
        today=dt.datetime.now(dt.timezone.utc).date(),
    )


def _newest_row(source: registry.Source) -> dt.date | None:
    """Return the newest date in any date column of a source's landed rows."""
    catalogue = landing.read_catalogue(PLACE.landing).to_pylist()
    objects = {
        e["object"] for e in catalogue if (e["kind"], e["source"]) == (source.kind, source.name)
    }
    days = [f"{c.name}_day" for c in KINDS[source.kind].columns if c.parse == "date"]
    newest = [
        pc.max(column).as_py()
        for name in objects - {None}
        for column in pq.read_table(PLACE.landing / name, columns=days).columns
    ]
    return max((day for day in newest if day), default=None)


class Translator(DagsterDbtTranslator):
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


TRANSLATOR = Translator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))


@dbt_assets(
    manifest=MANIFEST,
    project=PROJECT,
    dagster_dbt_translator=TRANSLATOR,
    name="dbt_build",
)
def dbt_build(context: dg.AssetExecutionContext, dbt: DbtProcess, build: Build) -> Iterator[Any]:
    """Build and test the dbt project in one process; keep its results for the publication."""
    # Results of an earlier build must not speak for this one.
    for old in (PLACE.audit_results, PLACE.dbt_log):
        old.unlink(missing_ok=True)
    if context.is_subset:
        # A part of the marts is rebuilt: the other part is as it was served.
        if PLACE.served.exists() and not PLACE.candidate.exists():
            shutil.copyfile(PLACE.served, PLACE.candidate)
    else:
        # Both are made anew, so that nothing that a stopped build has left speaks in this one.
        for path in (PLACE.work, PLACE.candidate):
            path.unlink(missing_ok=True)
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    # Unit tests judge the models, not the data: `make test` runs them.
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    arguments += ["--vars", json.dumps(build.variables())] if build.variables() else []
    invocation = dbt.cli(arguments, context=context, raise_on_error=False)
    try:
        yield from _with_row_counts(invocation.stream())
    finally:
        for name, kept in (("run_results.json", PLACE.audit_results), ("dbt.log", PLACE.dbt_log)):
            if (invocation.target_path / name).exists():
                kept.parent.mkdir(exist_ok=True)
                (invocation.target_path / name).replace(kept)
        shutil.rmtree(invocation.target_path, ignore_errors=True)


def _with_row_counts(events: Iterator[Any]) -> Iterator[Any]:
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
    for path in (PLACE.work, PLACE.candidate):
        if path.exists():
            with duckdb.connect(str(path), read_only=True) as connection:
                query = "select table_name, estimated_size from duckdb_tables()"
                rows |= dict(connection.execute(query).fetchall())
    for event in tables:
        name = str(event.metadata["unique_id"].value).rpartition(".")[2]
        known = {"dagster/row_count": rows[name]} if name in rows else {}
        yield event.with_metadata({**event.metadata, **known})


def _marts_and_audit() -> list[dg.AssetKey]:
    return [key for key in dbt_build.keys if key.path[0] in ("marts", "audit")]


@dg.asset(
    key=DICTIONARY,
    deps=_marts_and_audit(),
    group_name="published",
    description="The tables audit.data_dictionary and audit.lineage of the candidate.",
    kinds={"duckdb"},
    freshness_policy=RUN_RECENCY,
    required_resource_keys={"build"},
)
def describe() -> dg.MaterializeResult[None]:
    """Write what each column of the candidate is and where its values come from."""
    return dg.MaterializeResult(metadata=dictionary.write(PLACE, MANIFEST, KINDS.values()))


@dg.asset(
    key=DOCS,
    deps=[DICTIONARY, *_marts_and_audit()],
    group_name="published",
    description="The dbt docs as one page.",
    kinds={"html"},
)
def docs(
    dbt: DbtProcess,
    build: Build,  # noqa: ARG001 - it holds the lock
) -> dg.MaterializeResult[None]:
    """Write the docs page when the dbt project is not the one it was last written for."""
    project_hash = provenance.dbt_project_hash()
    stamp = PLACE.docs.with_suffix(".hash")
    if PLACE.docs.exists() and stamp.exists() and stamp.read_text() == project_hash:
        return dg.MaterializeResult(metadata={"page": str(PLACE.docs), "state": "unchanged"})
    # With a copy of the parsed manifest, since dbt writes it again and may be stopped meanwhile.
    target = PLACE.dbt_target / "docs"
    target.mkdir()
    shutil.copyfile(MANIFEST, target / MANIFEST.name)
    arguments = ["docs", "generate", "--static", "--no-compile"]
    dbt.cli(arguments, target_path=target, manifest=MANIFEST).wait()
    with files.replacing(PLACE.docs) as partial:
        shutil.copyfile(target / "static_index.html", partial)
    stamp.write_text(project_hash)
    shutil.rmtree(target)
    return dg.MaterializeResult(metadata={"page": str(PLACE.docs), "state": "written"})


@dg.asset(
    key=PUBLISHED,
    deps=[DICTIONARY, DOCS, *_marts_and_audit()],
    group_name="published",
    description="The audited file that people and tools read: warehouse.duckdb.",
    kinds={"duckdb"},
    freshness_policy=RUN_RECENCY,
)
def published(context: dg.AssetExecutionContext, build: Build) -> dg.MaterializeResult[None]:
    """Serve the candidate if its audit is clean; a refused one leaves the served file as it is."""
    states = landing.read_catalogue(PLACE.landing).column("status").to_pylist()
    order = build.order(all_used=not FOUND.problems and "refused" not in states)
    try:
        version = publish.publish(PLACE, PLACE.audit_results, MANIFEST, order)
    except publish.PublicationRefusedError as refusal:
        raise dg.Failure(str(refusal), allow_retries=False) from None
    note = versions.rollback_note(PLACE)
    if note and not order.variables:
        context.log.warning(note)
    rows = {name: table["rows"] for name, table in version["tables"].items()}
    return dg.MaterializeResult(
        metadata={
            "version": version["id"],
            "file": str(versions.file(PLACE, version) if order.variables else PLACE.served),
            "dagster/row_count": sum(rows.values()),
            "tables": json.dumps(rows),
        }
    )


@dg.asset(
    key=EXPORTS,
    deps=[PUBLISHED],
    group_name="published",
    description="The served tables as Parquet and CSV, described by index.json.",
    kinds={"parquet", "csv"},
    freshness_policy=RUN_RECENCY,
)
def export(build: Build) -> dg.MaterializeResult[None]:
    """Write the tables of what is served for those who have no DuckDB."""
    if build.variables():
        return dg.MaterializeResult(metadata={"state": "unchanged: what is served stays"})
    tables = exports.write(PLACE.served, PLACE.exports)
    return dg.MaterializeResult(metadata={"folder": str(PLACE.exports), "tables": tables})


@dg.asset(
    key=REPORT,
    # The last thing that is written names its version: when it is there, all else is.
    deps=[PUBLISHED, EXPORTS],
    group_name="published",
    description="The page to look at: report.html, made from the served file.",
    kinds={"html"},
    freshness_policy=RUN_RECENCY,
)
def report(build: Build) -> dg.MaterializeResult[None]:
    """Write the report of what was built: of what is served, or of a version that isn't."""
    file, out = versions.shown(PLACE, build.variables())
    return dg.MaterializeResult(metadata={"page": str(out), **page.write_report(file, out)})


ALL = [land, dbt_build, describe, docs, published, export, report]
