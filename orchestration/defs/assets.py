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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration import files, landing
from orchestration.config import Home, LedgerError
from orchestration.defs.automation import RUN_RECENCY, data_recency_check, run_recency
from orchestration.defs.dbt_project import DbtProcess, landing_key
from orchestration.defs.run import Run
from orchestration.lineage import dictionary
from orchestration.publication import exports, provenance, publish, versions
from orchestration.report import page
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Source

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


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """Show an error that a person can mend as its sentence alone."""
    try:
        yield
    except LedgerError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


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
    def land(context: dg.AssetExecutionContext, run: dg.ResourceParam[Run]) -> Iterator[Any]:
        """Land every raw file that changed; a file that can't be read fails its own source only."""
        with one_sentence():
            run.found.require_data(raw_dir)
        results = landing.land(run.found.sources, kinds, raw_dir, home.landing)
        for problem in run.found.problems:
            context.log.error(problem.message)
        for result in results:
            say = context.log.error if result.outcome == "refused" else context.log.info
            say(result.problem or f"{result.outcome:>9}  {result.file}  {result.rows:,} rows")
        present = {raw_key(source): source for source in run.found.sources}
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


def published_assets(
    home: Home, kinds: Kinds, dbt_build: dg.AssetsDefinition
) -> list[dg.AssetsDefinition]:
    """Return what is made of the built marts, up to the page that people look at."""
    marts_and_audit = [key for key in dbt_build.keys if key.path[0] in ("marts", "audit")]

    @dg.asset(
        key=DICTIONARY,
        deps=marts_and_audit,
        group_name="published",
        description="The tables audit.data_dictionary and audit.lineage of the candidate.",
        kinds={"duckdb"},
        freshness_policy=RUN_RECENCY,
        required_resource_keys={"run"},
    )
    def describe() -> dg.MaterializeResult[None]:
        """Write what each column of the candidate is and where its values come from."""
        written = dictionary.write(home, home.manifest, kinds.values())
        return dg.MaterializeResult(metadata=written)

    @dg.asset(
        key=DOCS,
        deps=[DICTIONARY, *marts_and_audit],
        group_name="published",
        description="The dbt docs as one page.",
        kinds={"html"},
    )
    def docs(
        dbt: DbtProcess,
        run: dg.ResourceParam[Run],  # noqa: ARG001 - it holds the lock
    ) -> dg.MaterializeResult[None]:
        """Write the docs page when the dbt project is not the one it was last written for."""
        state = "written" if _write_docs(home, dbt) else "unchanged"
        return dg.MaterializeResult(metadata={"page": str(home.docs), "state": state})

    @dg.asset(
        key=PUBLISHED,
        deps=[DICTIONARY, DOCS, *marts_and_audit],
        group_name="published",
        description="The audited file that people and tools read: warehouse.duckdb.",
        kinds={"duckdb"},
        freshness_policy=RUN_RECENCY,
    )
    def published(
        context: dg.AssetExecutionContext, run: dg.ResourceParam[Run]
    ) -> dg.MaterializeResult[None]:
        """Serve the candidate if its audit is clean; a refused one leaves what is served."""
        states = landing.read_catalogue(home.landing).column("status").to_pylist()
        all_used = not run.found.problems and "refused" not in states
        with one_sentence():
            version = publish.publish(home, run.request._replace(all_used=all_used))
        note = versions.rollback_note(home)
        if note and not run.request.variables:
            context.log.warning(note)
        rows = {name: table["rows"] for name, table in version["tables"].items()}
        file = versions.file(home, version) if run.request.variables else home.served
        return dg.MaterializeResult(
            metadata={
                "version": version["id"],
                "file": str(file),
                "dagster/row_count": sum(rows.values()),
                "tables": json.dumps(rows),
            }
        )

    return [describe, docs, published, *_shown_assets(home)]


def _shown_assets(home: Home) -> list[dg.AssetsDefinition]:
    @dg.asset(
        key=EXPORTS,
        deps=[PUBLISHED],
        group_name="published",
        description="The served tables as Parquet and CSV, described by index.json.",
        kinds={"parquet", "csv"},
        freshness_policy=RUN_RECENCY,
    )
    def export(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        """Write the tables of what is served for those who have no DuckDB."""
        if run.request.variables:
            return dg.MaterializeResult(metadata={"state": "unchanged: what is served stays"})
        tables = exports.write(home.served, home.exports)
        return dg.MaterializeResult(metadata={"folder": str(home.exports), "tables": tables})

    @dg.asset(
        key=REPORT,
        # The last thing that is written names its version: when it is there, all else is.
        deps=[PUBLISHED, EXPORTS],
        group_name="published",
        description="The page to look at: report.html, made from the served file.",
        kinds={"html"},
        freshness_policy=RUN_RECENCY,
    )
    def report(run: dg.ResourceParam[Run]) -> dg.MaterializeResult[None]:
        """Write the report of what was built: of what is served, or of a version that isn't."""
        file, out = versions.shown(home, run.request.variables)
        return dg.MaterializeResult(metadata={"page": str(out), **page.write_report(file, out)})

    return [export, report]


def _write_docs(home: Home, dbt: DbtProcess) -> bool:
    """Write the docs page unless it is of the present dbt project; return whether it was."""
    project_hash = provenance.dbt_project_hash()
    stamp = home.docs.with_suffix(".hash")
    if home.docs.exists() and stamp.exists() and stamp.read_text() == project_hash:
        return False
    # With a copy of the parsed manifest, since dbt writes it again and may be stopped meanwhile.
    target = home.dbt_target / "docs"
    target.mkdir()
    shutil.copyfile(home.manifest, target / home.manifest.name)
    arguments = ["docs", "generate", "--static", "--no-compile"]
    dbt.cli(arguments, target_path=target, manifest=home.manifest).wait()
    with files.replacing(home.docs) as partial:
        shutil.copyfile(target / "static_index.html", partial)
    stamp.write_text(project_hash)
    shutil.rmtree(target)
    return True
