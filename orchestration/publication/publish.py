"""From an audited candidate to a version that is served, in steps that readers never see half done.

Belongs here: judging the audit, describing what a candidate holds, making it a version. Not here:
building the candidate (dbt does), what versions there are and which is served (`versions`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from orchestration import files
from orchestration.config import Home
from orchestration.publication import provenance, versions
from orchestration.publication.contents import PUBLICATIONS, contents

SENTENCES_SHOWN = 5


class PublicationRefusedError(Exception):
    """The candidate must not be served; the message is one sentence that says why."""


class Order(NamedTuple):
    """What a build was asked for, and what it found when it began.

    `inputs` are as `provenance.inputs` returns them; `all_used` is false when a file was refused,
    so that the next build tries again. With `variables` the result is kept and not served.
    """

    inputs: dict[str, str]
    variables: dict[str, str]
    all_used: bool = True
    force: bool = False
    seconds: float | None = None


def audited(run_results: Path, manifest: Path) -> dict[str, tuple[dict[str, Any], str, str]]:
    """Return node, status and message of each model, seed and test, by its unique id.

    Raises `PublicationRefusedError` when the candidate has not been audited at all.
    """
    if not run_results.exists():
        raise PublicationRefusedError(
            "The candidate has not been audited: run the whole build first."
        )
    results = {r["unique_id"]: r for r in json.loads(run_results.read_text())["results"]}
    nodes = json.loads(manifest.read_text())["nodes"]
    return {
        unique_id: (
            node,
            results.get(unique_id, {}).get("status", "not run"),
            " ".join(str(results.get(unique_id, {}).get("message")).split()),
        )
        for unique_id, node in sorted(nodes.items())
        if node["resource_type"] in ("model", "seed", "test")
    }


def failed_audits(run_results: Path, manifest: Path) -> list[str]:
    """Return a sentence for each model, seed or error-severity test that failed, and for the rest.

    Raises `PublicationRefusedError` when the candidate has not been audited at all.
    """
    found = audited(run_results, manifest).values()
    sentences = [
        f"the {node['resource_type']} {node['name']} failed: {message}"
        for node, status, message in found
        if status not in ("success", "pass", "warn", "skipped", "not run")
    ]
    not_run = sum(status in ("skipped", "not run") for _, status, _ in found)
    if not_run:
        sentences.append(f"{not_run:,} models and tests did not run")
    return sentences


def publish(place: Home, run_results: Path, manifest: Path, order: Order) -> dict[str, Any]:
    """Make the candidate a version and serve it, if its audit is clean; return its manifest.

    What is served stays, and its manifest is returned, when nothing that decides the marts changed
    since the last publication, also when a rollback has put an older one in its place. Raises
    `PublicationRefusedError`, and leaves the served file as it is, when an audit failed.
    """
    failures = failed_audits(run_results, manifest)
    if failures:
        raise PublicationRefusedError(
            "The audit failed, so the served file stays as it is: "
            + "; ".join(failures[:SENTENCES_SHOWN])
            + ("; ..." if len(failures) > SENTENCES_SHOWN else "")
        )
    if not place.candidate.exists():
        raise PublicationRefusedError(
            "There is no candidate to publish: run the whole build first."
        )
    fingerprint = provenance.fingerprint(place, order.variables)
    version = None if order.force else _standing(place, fingerprint, order.variables)
    if version is None:
        version = _make_version(place, fingerprint, order, _test_results(run_results, manifest))
    if not order.variables and version["id"] not in versions.log_ids(place):
        versions.serve(place, version)
    versions.prune(place)
    return version


def _standing(place: Home, fingerprint: str, variables: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the version that stands for a fingerprint already, if one does."""
    alike = [v for v in versions.kept(place) if v["fingerprint"] == fingerprint]
    if variables:
        return alike[-1] if alike else None
    if fingerprint in (v.get("fingerprint") for v in versions.current(place)):
        # A file that was refused leaves what is served as it is, to the byte.
        return versions.served(place)
    # A run that was stopped between making a version and serving it has left one.
    unserved = [v for v in alike if v["id"] not in versions.log_ids(place)]
    return unserved[-1] if unserved else None


def _test_results(run_results: Path, manifest: Path) -> dict[str, Any]:
    tests = [
        (node["name"], status)
        for node, status, _ in audited(run_results, manifest).values()
        if node["resource_type"] == "test"
    ]
    counts = Counter(status for _, status in tests)
    warnings = [name for name, status in tests if status == "warn"]
    return {"passed": counts["pass"], "warned": counts["warn"], "failed": 0, "warnings": warnings}


def _make_version(
    place: Home, fingerprint: str, order: Order, tests: Mapping[str, Any]
) -> dict[str, Any]:
    """Move the candidate into a folder of its own, with its manifest; whole or not at all."""
    history = versions.log(place)
    with duckdb.connect(str(place.candidate)) as candidate:
        tables = contents(candidate)
        verdicts = dict(
            candidate.execute(
                "select claim_id, verdict from audit.claims order by claim_id"
            ).fetchall()
        )
        content_hash = hashlib.sha256(json.dumps(tables).encode()).hexdigest()
        # Versions that are kept unserved count too: ids of one second would sort by their hash.
        published_at = versions.next_moment([*history, *versions.kept(place)])
        claims = Counter(verdicts.values())
        row = {
            "published_at": f"{published_at:{versions.TIME}}",
            "version_id": f"{published_at:%Y%m%dT%H%M%SZ}-{content_hash[:8]}",
            "is_rollback": False,
            "as_of": order.variables.get("as_of"),
            "known_by": order.variables.get("known_by"),
            "fingerprint": fingerprint,
            "content_hash": content_hash,
            "table_count": len(tables),
            "row_count": sum(table["rows"] for table in tables.values()),
            "tests_passed": tests["passed"],
            "tests_warned": tests["warned"],
            "claims_supported": claims["supported"],
            "claims_contradicted": claims["contradicted"],
        }
        versions.write_publications(candidate, [*history, row])
    version = {
        "id": row["version_id"],
        "published_at": row["published_at"],
        "fingerprint": fingerprint,
        "content_hash": content_hash,
        "not_hashed": f"{PUBLICATIONS}: it tells when, not what",
        "variables": order.variables,
        "inputs": order.inputs,
        "all_inputs_used": order.all_used,
        "code": provenance.code(),
        "packages": provenance.packages(),
        "tables": tables,
        "tests": tests,
        "claims": verdicts,
        "build_seconds": order.seconds and round(order.seconds, 1),
        "publication": row,
    }
    partial = place.versions / f".{version['id']}.partial"
    partial.mkdir(parents=True)
    try:
        file = partial / place.served.name
        place.candidate.replace(file)
        file.chmod(0o444)
        files.sync(file)
        (partial / "manifest.json").write_text(json.dumps(version, indent=2))
        files.sync(partial / "manifest.json")
        partial.rename(place.versions / str(version["id"]))
        files.sync(place.versions)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return version
