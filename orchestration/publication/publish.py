"""From an audited candidate to a version that is served, in steps that readers never see half done.

Belongs here: judging the audit, describing what a candidate holds, making it a version. Not here:
building the candidate (dbt does), what versions there are and which is served (`versions`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from orchestration import files
from orchestration.config import Home, LedgerError
from orchestration.publication import provenance, versions
from orchestration.publication.contents import PUBLICATIONS, attach, contents

SENTENCES_SHOWN = 5
FORMAT = "v1.0.0+"  # as DuckDB says it: opens in every client since 1.0.0
PASSED = ("success", "pass", "warn")  # what dbt says of a node that holds


class PublicationRefusedError(LedgerError):
    """The candidate must not be served; the message is one sentence that says why."""


class BuildRequest(NamedTuple):
    """What a build was asked for, and what it found when it began.

    `raw` are the files as `registry.raw_files` returns them. With `variables` the result is kept
    and not served. `started` is a moment of `time.monotonic`; `problem` says why nothing can be
    built of what was asked.
    """

    raw: dict[str, str]
    variables: dict[str, str]
    force: bool = False
    started: float | None = None
    problem: str = ""


class Audited(NamedTuple):
    """A model, seed or test of the dbt project, and what became of it in dbt's last build."""

    resource_type: str
    name: str
    status: str
    message: str


def audit(home: Home) -> list[Audited]:
    """Return each model, seed and test with its result.

    Raises PublicationRefusedError when the candidate has not been audited at all.
    """
    if not home.audit_results.exists():
        raise PublicationRefusedError(
            "The candidate has not been audited: run the whole build first."
        )
    results = {r["unique_id"]: r for r in json.loads(home.audit_results.read_text())["results"]}
    nodes = json.loads(home.manifest.read_text())["nodes"]
    return [
        Audited(
            node["resource_type"],
            node["name"],
            results.get(unique_id, {}).get("status", "not run"),
            _message(home, node, results.get(unique_id, {})),
        )
        for unique_id, node in sorted(nodes.items())
        if node["resource_type"] in ("model", "seed", "test")
    ]


def _message(home: Home, node: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Return what dbt said of a node; of rows that don't hold, which columns break which rule."""
    told = " ".join(str(result.get("message")).split())
    is_of_rows = node.get("test_metadata", {}).get("name") == "rows_hold"
    if result.get("status") != "fail" or not is_of_rows:
        return told
    try:
        with duckdb.connect(str(home.work), read_only=True) as connection:
            attach(connection, home.candidate, "candidate")
            broken = connection.execute(result["compiled_code"]).fetchall()
    except duckdb.Error:  # as where Spark has built
        broken = []
    rules = [f"{columns} ({rule}, {rows:,} rows)" for rule, columns, rows in broken]
    return f"{told}: {', '.join(rules)}" if rules else told


def failed_audits(home: Home) -> list[str]:
    """Return a sentence for each model, seed or error-severity test that failed, and for the rest.

    Raises PublicationRefusedError when the candidate has not been audited at all.
    """
    found = audit(home)
    sentences = [
        f"the {node.resource_type} {node.name} failed: {node.message}"
        for node in found
        if node.status not in (*PASSED, "skipped", "not run")
    ]
    not_run = sum(node.status in ("skipped", "not run") for node in found)
    if not_run:
        sentences.append(f"{not_run:,} models and tests did not run")
    return sentences


def refusal(failures: Sequence[str]) -> str:
    """Return the sentence that says why a candidate is not served."""
    more = "; ..." if len(failures) > SENTENCES_SHOWN else ""
    told = "; ".join(failures[:SENTENCES_SHOWN])
    return f"The audit failed, so the served file stays as it is: {told}{more}"


def publish(home: Home, request: BuildRequest) -> versions.Manifest:
    """Make the candidate a version and serve it, if its audit is clean; return its manifest.

    What is served stays, and its manifest is returned, when nothing that decides the marts changed
    since the last publication, also when a rollback has put an older one in its place. Raises
    PublicationRefusedError, and leaves the served file as it is, when an audit failed.
    """
    if failures := failed_audits(home):
        raise PublicationRefusedError(refusal(failures))
    if not home.candidate.exists():
        raise PublicationRefusedError(
            "There is no candidate to publish: run the whole build first."
        )
    known = provenance.keys(home)
    inputs_hash = provenance.inputs_hash(known.get("marts", ""))
    if known.get("dictionary") != provenance.key("dictionary", known.get("marts", "")):
        raise PublicationRefusedError(
            "The columns of the candidate are not described: run the whole build first."
        )
    version = None if request.force else _standing(home, inputs_hash, request.variables)
    version = version or _make_version(home, inputs_hash, request)
    is_served = versions.served_id(home) and version["id"] in versions.log_ids(home)
    if not (request.variables or is_served):
        versions.serve(home, version)
    versions.prune(home)
    return version


def _standing(
    home: Home, inputs_hash: str, variables: Mapping[str, str]
) -> versions.Manifest | None:
    """Return the version that was made of the same inputs already, if one was."""
    alike = [v for v in versions.kept(home) if v.get("inputs_hash") == inputs_hash]
    if variables:
        return alike[-1] if alike else None
    now, newest = versions.current(home)
    if now and inputs_hash in (now.get("inputs_hash"), newest.get("inputs_hash")):
        # A file that was refused leaves what is served as it is, to the byte.
        return now
    # A run that was stopped between making a version and serving it has left one; and what is
    # served may be damaged, or gone.
    served = versions.log_ids(home) if now else set()
    usable = [v for v in alike if v["id"] not in served and versions.is_whole(home, v)]
    return usable[-1] if usable else None


def _make_version(home: Home, inputs_hash: str, request: BuildRequest) -> versions.Manifest:
    """Keep a copy of the candidate in a folder of its own, with its manifest; whole or not at all.

    The candidate stays: the next build replaces what changed in it.
    """
    # What the disk had no room for is still in the log beside the file, which isn't copied.
    with duckdb.connect(str(home.candidate)) as candidate:
        candidate.execute("checkpoint")
    new = home.versions / ".new"
    with files.replacing(new, swap=True) as partial:
        partial.mkdir()
        file = partial / home.served.name
        shutil.copyfile(home.candidate, file)
        version = _describe(home, file, inputs_hash, request)
        file.chmod(0o444)
        (partial / "manifest.json").write_text(json.dumps(version, indent=2))
    new.rename(home.versions / str(version["id"]))  # which what is in it has told
    files.sync(home.versions)
    return version


def _describe(home: Home, file: Path, inputs_hash: str, request: BuildRequest) -> versions.Manifest:
    """Return the manifest of a version, and write its publication into its file."""
    with duckdb.connect(str(file)) as connection:
        _require_format(connection)
        if not request.variables:  # with which files are left out
            _require_landed_rows(home, connection)
        tables = contents(connection)
        claims = connection.execute("select claim_id, verdict from audit.claims order by 1")
        content_hash = hashlib.sha256(json.dumps(tables).encode()).hexdigest()
        # Versions that are kept unserved count too: ids of one second would sort by their hash.
        published_at = versions.next_moment([*versions.log(home), *versions.kept(home)])
        seconds = time.monotonic() - request.started if request.started is not None else None
        version: versions.Manifest = {
            "id": f"{published_at:%Y%m%dT%H%M%SZ}-{content_hash[:8]}",
            "published_at": f"{published_at:{versions.TIME}}",
            "inputs_hash": inputs_hash,
            "content_hash": content_hash,
            "not_hashed": f"{PUBLICATIONS}: it tells when, not what",
            "variables": request.variables,
            "inputs": provenance.inputs(request.raw, request.variables),
            "code": provenance.code(),
            "packages": provenance.packages(),
            "tables": tables,
            "tests": _test_results(home),
            "claims": dict(claims.fetchall()),
            "build_seconds": seconds and round(seconds, 1),
        }
        version["publication"] = _publication(version)
        versions.write_publications(connection, [*versions.log(home), version["publication"]])
    return version


def _require_format(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a file that some client since DuckDB 1.0 can't open, whatever has written it."""
    query = "select tags['storage_version'] from duckdb_databases() where not internal"
    (found,) = connection.execute(query).fetchone() or (None,)
    if found != FORMAT:
        raise PublicationRefusedError(
            f"The candidate is in DuckDB's format {found}, which older clients can't open, not in "
            f"{FORMAT}: set storage_compatibility_version in dbt_project/profiles.yml."
        )


def _require_landed_rows(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a file that lost rows on its way, counted here as dbt's own tests may see none either.

    Every row that landed and is in use must have been accepted or rejected.
    """
    catalogue = files.read_parquet(home.landing / "catalogue.parquet", ["file", "rows"])
    landed = Counter[str]()
    for row in catalogue.to_pylist():
        landed[row["file"]] += row["rows"]
    query = "select file, sum(rows_accepted + rows_rejected) from audit.source_files group by file"
    judged = dict(connection.execute(query).fetchall())
    wrong = sorted(name for name in landed if landed[name] != judged.get(name, 0))
    if wrong:
        raise PublicationRefusedError(
            f"Of {wrong[0]} {landed[wrong[0]]:,} rows have landed, but the candidate accepted and "
            f"rejected {judged.get(wrong[0], 0):,}; so it is with {len(wrong):,} of "
            f"{len(landed):,} files, and the served file stays as it is: run "
            "`genai-ledger build --force`."
        )


def _test_results(home: Home) -> dict[str, Any]:
    tests = [node for node in audit(home) if node.resource_type == "test"]
    counts = Counter(test.status for test in tests)
    warnings = [test.name for test in tests if test.status == "warn"]
    return {"passed": counts["pass"], "warned": counts["warn"], "failed": 0, "warnings": warnings}


def _publication(version: versions.Manifest) -> versions.Publication:
    claims = Counter(version["claims"].values())
    return {
        "published_at": version["published_at"],
        "version_id": version["id"],
        "is_rollback": False,
        "as_of": version["variables"].get("as_of"),
        "known_by": version["variables"].get("known_by"),
        "inputs_hash": version["inputs_hash"],
        "content_hash": version["content_hash"],
        "table_count": len(version["tables"]),
        "row_count": sum(table["rows"] for table in version["tables"].values()),
        "tests_passed": version["tests"]["passed"],
        "tests_warned": version["tests"]["warned"],
        "claims_supported": claims["supported"],
        "claims_contradicted": claims["contradicted"],
    }
