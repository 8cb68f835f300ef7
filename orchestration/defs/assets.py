"""The Dagster assets: raw sources landed, the dbt project built, the docs written, the file served.

Belongs here: which assets there are, how they hang together, what Dagster is told of each. The
work itself is in `landing`, the dbt project and `publication`; when it runs is in `automation`.

    raw/<kind>/<source> -> landing/<kind> -> dbt models and tests -> dictionary -> docs -> published
    -> exports -> report
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration import landing
from orchestration.config import Home
from orchestration.defs import stages
from orchestration.defs.automation import RUN_RECENCY, data_recency_check, run_recency
from orchestration.defs.dbt_project import DbtProcess, landing_key, write_docs
from orchestration.defs.request import one_sentence
from orchestration.publication import provenance, publish, versions
from orchestration.publication.publish import BuildRequest
from orchestration.report import page
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Source, find_sources

Kinds = Mapping[str, Kind]

CATALOGUE_KEY = landing_key("source_files")
DICTIONARY = dg.AssetKey("dictionary")
DOCS = dg.AssetKey("docs")
PUBLISHED = dg.AssetKey("published")
REPORT = dg.AssetKey("report")
EXPORTS = dg.AssetKey("exports")


def raw_key(source: Source) -> dg.AssetKey:
    """Return the asset of one source's files."""
    return dg.AssetKey(["raw", source.kind, source.name])


def _raw_spec(source: Source) -> dg.AssetSpec:
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


def _landing_specs(kinds: Kinds, sources: Sequence[Source]) -> Iterator[dg.AssetSpec]:
    for kind in kinds.values():
        yield dg.AssetSpec(
            landing_key(kind.name),
            deps=[raw_key(source) for source in sources if source.kind == kind.name],
            group_name="landing",
            description=kind.description,
            kinds={"parquet"},
        )
    yield dg.AssetSpec(
        CATALOGUE_KEY,
        deps=[raw_key(source) for source in sources],
        group_name="landing",
        description="What landing knows of the raw files.",
        kinds={"parquet"},
    )


def _source_checks(sources: Iterable[Source]) -> Iterator[dg.AssetCheckSpec]:
    for source in sources:
        for name, question in (
            ("file_is_readable", "Could every file of the source be read?"),
            ("data_recency", "Is the newest snapshot as recent as the cadence promises?"),
        ):
            yield dg.AssetCheckSpec(name, asset=raw_key(source), description=question)


def landing_assets(
    home: Home, raw_dir: Path, kinds: Kinds, sources: Sequence[Source]
) -> dg.AssetsDefinition:
    """Return each source of raw/ and each kind as assets; one function lands them all.

    `sources` are those that Dagster shows. One whose folder came later lands too, and is shown
    when Dagster loads again.
    """

    @dg.multi_asset(
        name="land",
        specs=[*map(_raw_spec, sources), *_landing_specs(kinds, sources)],
        check_specs=list(_source_checks(sources)),
    )
    def land(
        context: dg.AssetExecutionContext, request: dg.ResourceParam[BuildRequest]
    ) -> Iterator[Any]:
        """Land every raw file that changed; a file that can't be read fails its own source only."""
        with one_sentence():
            found = find_sources(raw_dir, kinds)
            found.require_data(raw_dir)
        results = landing.land(found.sources, kinds, raw_dir, home.landing)
        for problem in found.problems:
            context.log.error(problem.message)
        for result in results:
            say = context.log.error if result.outcome == "refused" else context.log.info
            say(result.problem or f"{result.outcome:>9}  {result.file}  {result.rows:,} rows")
        present = {raw_key(source): source for source in found.sources}
        for known in sources:
            source = present.get(raw_key(known), known._replace(snapshots=()))
            own = [r for r in results if (r.kind, r.source) == (source.kind, source.name)]
            yield dg.MaterializeResult(
                raw_key(source),
                metadata={
                    "dagster/row_count": sum(r.rows for r in own),
                    "files": {r.file: r.outcome for r in own},
                },
            )
            yield from _judge_source(home, kinds[source.kind], source, own)
        for kind in kinds:
            rows = sum(r.rows for r in results if r.kind == kind)
            yield dg.MaterializeResult(landing_key(kind), metadata={"dagster/row_count": rows})
        yield dg.MaterializeResult(CATALOGUE_KEY, metadata={"dagster/row_count": len(results)})
        # What was refused, the next build tries again.
        all_used = not found.problems and all(r.outcome != "refused" for r in results)
        made = provenance.key("land", request.raw) if all_used else None
        provenance.record(home, land=made)

    return land


def _judge_source(
    home: Home, kind: Kind, source: Source, results: list[landing.LandedFile]
) -> Iterator[dg.AssetCheckResult]:
    problems = [r.problem for r in results if r.outcome == "refused" and r.problem]
    yield dg.AssetCheckResult(
        asset_key=raw_key(source),
        check_name="file_is_readable",
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(problems) or f"{len(results):,} files read.",
    )
    today = dt.datetime.now(dt.timezone.utc).date()
    newest_row = _newest_row(home, kind, source)
    yield data_recency_check(raw_key(source), source, newest_row, today)


def _newest_row(home: Home, kind: Kind, source: Source) -> dt.date | None:
    """Return the newest date in any date column of a source's landed rows."""
    catalogue = landing.read_catalogue(home.landing).to_pylist()
    objects = {
        e["object"] for e in catalogue if (e["kind"], e["source"]) == (source.kind, source.name)
    }
    days = [f"{c.name}_day" for c in kind.columns if c.parse == "date"]
    newest = [
        pc.max(column).as_py()
        for name in objects - {None}
        for column in pq.read_table(home.landing / name, columns=days).columns
    ]
    return max((day for day in newest if day), default=None)


def published_assets(home: Home, dbt_build: dg.AssetsDefinition) -> list[dg.AssetsDefinition]:
    """Return what is made of the built marts, up to the page that people look at."""
    marts_and_audit = [key for key in dbt_build.keys if key.path[0] in ("marts", "audit")]

    @dg.asset(
        key=DICTIONARY,
        deps=marts_and_audit,
        group_name="published",
        description="The tables audit.data_dictionary and audit.lineage of the candidate.",
        kinds={"duckdb"},
        freshness_policy=RUN_RECENCY,
        required_resource_keys={"request"},
    )
    def describe(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Write what each column of the candidate is and where its values come from."""
        return _result(context, stages.describe(home))

    @dg.asset(
        key=DOCS,
        deps=[DICTIONARY, *marts_and_audit],
        group_name="published",
        description="The dbt docs as one page.",
        kinds={"html"},
    )
    def docs(
        context: dg.AssetExecutionContext,
        dbt: DbtProcess,
        request: dg.ResourceParam[BuildRequest],  # noqa: ARG001 - it holds the lock
    ) -> dg.MaterializeResult[None]:
        """Write the docs page when the dbt project is not the one it was last written for."""
        return _result(context, write_docs(home, dbt))

    @dg.asset(
        key=PUBLISHED,
        deps=[DICTIONARY, DOCS, *marts_and_audit],
        group_name="published",
        description="The audited file that people and tools read: warehouse.duckdb.",
        kinds={"duckdb"},
        freshness_policy=RUN_RECENCY,
    )
    def published(
        context: dg.AssetExecutionContext, request: dg.ResourceParam[BuildRequest]
    ) -> dg.MaterializeResult[None]:
        """Serve the candidate if its audit is clean; a refused one leaves what is served."""
        before = versions.served_id(home)
        with one_sentence():
            version = publish.publish(home, request)
        if version["id"] == before:
            context.log.info("unchanged")
        note = versions.rollback_note(home)
        if note and not request.variables:
            context.log.warning(note)
        rows = {name: table["rows"] for name, table in version["tables"].items()}
        file = versions.file(home, version) if request.variables else home.served
        return dg.MaterializeResult(
            metadata={
                "version": version["id"],
                "file": str(file),
                "dagster/row_count": sum(rows.values()),
                "tables": json.dumps(rows),
            }
        )

    return [describe, docs, published, *_shown_assets(home)]


def _result(
    context: dg.AssetExecutionContext, made: Mapping[str, Any] | None
) -> dg.MaterializeResult[None]:
    """Tell what was made, or that what was there stands."""
    if made is not None:
        return dg.MaterializeResult(metadata=made)
    context.log.info("unchanged")
    return dg.MaterializeResult(metadata={"state": "unchanged"})


def _shown_assets(home: Home) -> list[dg.AssetsDefinition]:
    @dg.asset(
        key=EXPORTS,
        deps=[PUBLISHED],
        group_name="published",
        description="The served tables as Parquet and CSV, described by index.json.",
        kinds={"parquet", "csv"},
        freshness_policy=RUN_RECENCY,
    )
    def export(
        context: dg.AssetExecutionContext, request: dg.ResourceParam[BuildRequest]
    ) -> dg.MaterializeResult[None]:
        """Write the tables of what is served for those who have no DuckDB."""
        # With variables, what is served stays.
        return _result(context, None if request.variables else stages.write_exports(home))

    @dg.asset(
        key=REPORT,
        # The last thing that is written names its version: when it is there, all else is.
        deps=[PUBLISHED, EXPORTS],
        group_name="published",
        description="The page to look at: report.html, made from the served file.",
        kinds={"html"},
        freshness_policy=RUN_RECENCY,
    )
    def report(
        context: dg.AssetExecutionContext, request: dg.ResourceParam[BuildRequest]
    ) -> dg.MaterializeResult[None]:
        """Write the report of what was built: of what is served, or of a version that isn't."""
        if not request.variables:
            return _result(context, stages.write_report(home))
        return _result(context, page.write_report(*versions.shown(home, request.variables)))

    return [export, report]
