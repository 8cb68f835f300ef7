"""The Dagster assets: raw sources landed, the dbt project built, the docs written, the file served.

Belongs here: which assets there are, how they hang together, what Dagster is told of each. The
work itself is in `landing`, the dbt project and `publication`; when it runs is in `automation`.

    raw/<kind>/<source> -> landing/<kind> -> dbt models and tests -> dictionary -> docs -> published
    -> exports -> report
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration import landing
from orchestration.config import Home
from orchestration.defs import runs, stages
from orchestration.defs.automation import (
    HAS_NO_PERIOD,
    RUN_RECENCY,
    freshness_policy,
    report_data_time,
)
from orchestration.defs.dbt_project import OWNERS, is_published, landing_key
from orchestration.defs.request import SentenceError, one_sentence
from orchestration.defs.run_page import described_columns, table, what_it_says
from orchestration.defs.source_states import refusals, source_states
from orchestration.landing import LandedFile
from orchestration.landing.catalogue import read_entries
from orchestration.publication import provenance, publish, versions
from orchestration.publication.publish import BuildRequest
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Inventory, Source, find_sources

Kinds = Mapping[str, Kind]

CATALOGUE_KEY = landing_key("source_files")
PUBLISHED = dg.AssetKey("published")
ALL_USED = "all_of_raw_is_used"
_READABLE = "file_is_readable"
_FILES_NAMED = 3  # of one outcome, in what a run prints: of more their number is told


def raw_key(source: Source) -> dg.AssetKey:
    """Return the asset of one source's files."""
    return dg.AssetKey(["raw", source.kind, source.name])


def _raw_spec(source: Source) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(source),
        group_name="raw",
        description=f"{source.title}\n\n{source.contents}",
        kinds={"file"},
        owners=OWNERS,
        tags={"cadence": source.cadence},
        freshness_policy=freshness_policy(source),
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
            owners=OWNERS,
            freshness_policy=RUN_RECENCY,
        )
    yield dg.AssetSpec(
        CATALOGUE_KEY,
        deps=[raw_key(source) for source in sources],
        group_name="landing",
        description="What landing knows of the raw files.",
        kinds={"parquet"},
        owners=OWNERS,
        freshness_policy=RUN_RECENCY,
    )


def _source_checks(sources: Iterable[Source]) -> Iterator[dg.AssetCheckSpec]:
    for source in sources:
        question = "Could every file of the source be read?"
        yield dg.AssetCheckSpec(_READABLE, asset=raw_key(source), description=question)


def landing_assets(
    home: Home, raw_dir: Path, kinds: Kinds, sources: Sequence[Source]
) -> dg.AssetsDefinition:
    """Return each source of raw/ and each kind as assets; one function lands them all.

    `sources` are those that Dagster shows. One whose folder came later lands too, and is shown
    when Dagster loads again. Of a selection only the sources that it needs are landed.
    """

    @dg.multi_asset(
        name="land",
        specs=[*map(_raw_spec, sources), *_landing_specs(kinds, sources)],
        check_specs=list(_source_checks(sources)),
        can_subset=True,
    )
    def land(
        context: dg.AssetExecutionContext, request: dg.ResourceParam[BuildRequest]
    ) -> Iterator[Any]:
        """Land every raw file that changed; a file that can't be read fails its own source only."""
        with one_sentence(request):
            found = find_sources(raw_dir, kinds)
            found.require_data(raw_dir)
        selected = [source for source in found.sources if _is_selected(context, source)]
        results = landing.land(selected, kinds, raw_dir, home.landing)
        _report_landing(context, found, results)
        contents = _content_versions(home)
        yield from _raw_results(context, sources, found, results, contents)
        landed = {landing_key(k): sum(r.rows for r in results if r.kind == k) for k in kinds}
        for key, rows in {**landed, CATALOGUE_KEY: len(results)}.items():
            if key in context.selected_asset_keys:
                yield dg.MaterializeResult(key, metadata={"dagster/row_count": rows})
        now = dt.datetime.now(dt.timezone.utc)
        for state in source_states(home, found, kinds, now):
            key = dg.AssetKey(["raw", state.kind, state.source])
            if key in context.selected_asset_keys and state.cadence not in HAS_NO_PERIOD:
                report_data_time(context.instance, key, state, contents[key])
        unselected = [source for source in found.sources if not _is_selected(context, source)]
        _state_what_was_read(home, raw_dir, request.raw, unselected)
        # What was refused or not selected, the next build tries again.
        all_used = not found.problems and all(r.outcome != "refused" for r in results)
        is_whole = all_used and not unselected
        provenance.record(home, land=provenance.key("land", request.raw) if is_whole else None)

    return land


def _is_selected(context: dg.AssetExecutionContext, source: Source) -> bool:
    """Whether a run needs the files of a source: for its asset, its check, or what it lands in."""
    key = raw_key(source)
    needing = {key, landing_key(source.kind), CATALOGUE_KEY}
    is_checked = dg.AssetCheckKey(key, _READABLE) in context.selected_asset_check_keys
    return is_checked or not needing.isdisjoint(context.selected_asset_keys)


def _report_landing(
    context: dg.AssetExecutionContext, found: Inventory, results: Sequence[LandedFile]
) -> None:
    """Say in a line each what is wrong with the raw folder and what became of its files."""
    for problem in found.problems:
        context.log.error(problem.message)
    for file in found.ignored:
        context.log.info(f"  ignored  {file}  no data by its name")
    for result in results:
        if result.problem:
            say = context.log.error if result.outcome == "refused" else context.log.info
            say(result.problem)
    for sentence in _landed_lines(results):
        context.log.info(sentence)


def _raw_results(
    context: dg.AssetExecutionContext,
    sources: Iterable[Source],
    found: Inventory,
    results: Sequence[LandedFile],
    contents: Mapping[dg.AssetKey, dg.DataVersion],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Yield what there is to say of each source that is selected, or whose check is."""
    selected, checks = context.selected_asset_keys, context.selected_asset_check_keys
    for source in sources:
        key = raw_key(source)
        own = [r for r in results if (r.kind, r.source) == (source.kind, source.name)]
        if key in selected:
            files = table({"file": r.file, "rows": r.rows, "is": r.outcome} for r in own)
            facts: dict[str, Any] = {"dagster/row_count": sum(r.rows for r in own), "files": files}
            yield dg.MaterializeResult(key, metadata=facts, data_version=contents[key])
        if dg.AssetCheckKey(key, _READABLE) in checks:
            broken = [p.message for p in found.problems if p[:2] == (source.kind, source.name)]
            yield _judge_files(source, own, broken)


def _content_versions(home: Home) -> defaultdict[dg.AssetKey, dg.DataVersion]:
    """Return what the landed files of each source hold, as a version that changes when they do."""
    versions: defaultdict[dg.AssetKey, dg.DataVersion] = defaultdict(lambda: dg.DataVersion(""))
    for entry in sorted(read_entries(home.landing)):
        key = dg.AssetKey(["raw", entry.kind, entry.source])
        held = f"{versions[key].value} {entry.file} {entry.sha256}"
        versions[key] = dg.DataVersion(hashlib.sha256(held.encode()).hexdigest())
    return versions


def _landed_lines(results: Sequence[LandedFile]) -> Iterator[str]:
    """Yield a line for each of a few files that landed, or one for all of one outcome."""
    well = [result for result in results if not result.problem]
    for outcome in sorted({result.outcome for result in well}):
        ended = [result for result in well if result.outcome == outcome]
        if len(ended) > _FILES_NAMED:
            rows = sum(result.rows for result in ended)
            yield f"{outcome:>9}  {len(ended):,} files, {rows:,} rows"
        else:
            for result in ended:
                yield f"{outcome:>9}  {result.file}  {result.rows:,} rows"


def _state_what_was_read(
    home: Home, raw_dir: Path, raw: dict[str, str], unselected: Iterable[Source]
) -> None:
    """Put in place of what lay in raw/ when the run began what was read a moment later.

    Of the sources that were not selected that is what had landed of them before.
    """
    landed = landing.read_catalogue(home.landing).to_pylist()
    read = {entry["file"]: entry["sha256"] for entry in landed if entry["sha256"]}
    raw |= {file: sha256 for file, sha256 in read.items() if (raw_dir.parent / file).exists()}
    unread = {snapshot.file for source in unselected for snapshot in source.snapshots}
    for file in raw.keys() - read.keys():
        if file in unread or not (raw_dir.parent / file).exists():
            del raw[file]


def _judge_files(
    source: Source, results: Sequence[landing.LandedFile], broken: Sequence[str]
) -> dg.AssetCheckResult:
    """Judge the files of one source; `broken` are sentences on its folder and source.yml."""
    problems = [*broken, *(r.problem for r in results if r.outcome == "refused" and r.problem)]
    return dg.AssetCheckResult(
        asset_key=raw_key(source),
        check_name=_READABLE,
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(problems) or f"{len(results):,} files read.",
    )


def published_assets(home: Home, dbt_build: dg.AssetsDefinition) -> list[dg.AssetsDefinition]:
    """Return what is made of the built marts, up to the page that people look at."""
    built = [key.to_user_string() for key in dbt_build.keys if is_published(key)]
    return [
        _asset(
            "dictionary",
            "The tables audit.data_dictionary and audit.lineage of the candidate.",
            "duckdb",
            built,
            # It was written when dbt had ended: the run shows the lineage of each table.
            lambda *_: stages.describe(home) or {"dagster/row_count": described_columns(home)},
        ),
        _asset(
            "docs",
            "The dbt docs as one page.",
            "html",
            ["dictionary", *built],
            lambda *_: stages.write_docs(home),
        ),
        _asset(
            "published",
            "The audited file that people and tools read: warehouse.duckdb.",
            "duckdb",
            ["dictionary", "docs", *built],
            lambda context, request: _publish(home, context, request),
        ),
        _asset(
            "exports",
            "The served tables as Parquet and CSV, described by index.json.",
            "parquet",
            ["published"],
            # With variables, what is served stays.
            lambda _, request: None if request.variables else stages.write_exports(home),
        ),
        _asset(
            "report",
            "The page to look at: report.html, made from the served file or from a version.",
            "html",
            # The last thing that is written names its version: when it is there, all else is.
            ["published", "exports"],
            lambda _, request: stages.write_report(home, request.variables),
        ),
    ]


def _asset(
    name: str,
    description: str,
    kind: str,
    deps: Sequence[str],
    make: Callable[[dg.AssetExecutionContext, BuildRequest], Mapping[str, Any] | None],
) -> dg.AssetsDefinition:
    """Return an asset that is made while no other run writes; `make` returns None if it stands."""

    @dg.asset(
        name=name,
        deps=[dg.AssetKey(key.split("/")) for key in deps],
        group_name="published",
        description=description,
        kinds={kind},
        owners=OWNERS,
        freshness_policy=RUN_RECENCY,
    )
    def asset(
        context: dg.AssetExecutionContext, request: dg.ResourceParam[BuildRequest]
    ) -> dg.MaterializeResult[None]:
        with one_sentence(request):
            made = make(context, request)
        if made is None:
            context.log.info("unchanged")
        return dg.MaterializeResult(metadata={"state": "unchanged"} if made is None else made)

    return asset


def _publish(
    home: Home, context: dg.AssetExecutionContext, request: BuildRequest
) -> dict[str, Any]:
    """Serve the candidate if its audit is clean; a refused one leaves what is served."""
    before = versions.served_id(home)
    version = publish.publish(home, request)
    note = versions.rollback_note(home)
    if note and not request.variables:
        context.log.warning(note)
    if version["id"] == before:
        context.log.info("unchanged")
        if said := said_of(version, context.instance):
            return said
    file = versions.file(home, version) if request.variables else home.served
    rows = {name: facts["rows"] for name, facts in version["tables"].items()}
    known = (v for v in versions.kept(home) if v["id"] == before)
    return {
        "version": version["id"],
        "file": dg.MetadataValue.path(str(file)),
        "dagster/row_count": sum(rows.values()),
        "tables": table({"table": name, "rows": count} for name, count in rows.items()),
        **what_it_says(file, next((versions.file(home, v) for v in known), None)),
    }


def said_of(version: versions.Manifest, instance: dg.DagsterInstance) -> dict[str, Any] | None:
    """Return what the last run said of a version that stands; None if it was of another one."""
    event = instance.get_latest_materialization_event(PUBLISHED)
    last = event and event.asset_materialization
    if not last or last.metadata.get("version") != dg.MetadataValue.text(version["id"]):
        return None
    return {**last.metadata, "moved": "Nothing: the version before stands."}


def all_used_check(home: Home, raw_dir: Path, kinds: Kinds) -> dg.AssetChecksDefinition:
    """Return the check that ends a run as failed when what it published leaves something out."""
    question = "Is all that lies in raw/ in what was published?"

    @dg.multi_asset_check(
        name=ALL_USED, specs=[dg.AssetCheckSpec(ALL_USED, asset=PUBLISHED, description=question)]
    )
    def check(
        context: dg.AssetCheckExecutionContext,
        request: dg.ResourceParam[BuildRequest],  # noqa: ARG001 - it holds the lock
    ) -> Iterator[dg.AssetCheckResult]:
        """Fail, after publishing what is right, with a sentence for each thing refused."""
        problems = list(chain.from_iterable(refusals(home, find_sources(raw_dir, kinds)).values()))
        told = "; ".join(problems)
        yield dg.AssetCheckResult(
            asset_key=PUBLISHED,
            check_name=ALL_USED,
            passed=not problems,
            description=told or "All files are in use.",
        )
        if problems:
            context.instance.add_run_tags(context.run.run_id, {runs.REFUSED_TAG: "yes"})
            raise SentenceError(told)

    return check
