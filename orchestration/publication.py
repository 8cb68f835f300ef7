"""From an audited candidate to the served file, in one step that readers never see half done.

Belongs here: judging the audit, replacing the file, remembering what it was made from. Not here:
building the candidate (dbt does) and telling people about it (`cli`, `summary`).
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from orchestration import parsing, reading
from orchestration.config import DBT_PROJECT, Home

ENGINE_PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "pyarrow", "CurrencyConverter")
# What the catalogue says of a file that the marts repeat.
_STATED = ("object", "title", "producer", "url", "licence", "cadence", "accessed_on", "complete_to")

SENTENCES_SHOWN = 5


class PublicationRefusedError(Exception):
    """The candidate must not be served; the message is one sentence that says why."""


def fingerprint(place: Home) -> str:
    """Return a hash of all that decides what the marts hold: landed data, models, engine versions.

    A refused file whose last good snapshot stays in use leaves the fingerprint as it was.
    """
    state = hashlib.sha256()
    catalogue = pq.read_table(place.landing / "catalogue.parquet", columns=list(_STATED))
    for line in sorted({str(row) for row in catalogue.to_pylist() if row["object"]}):
        state.update(line.encode())
    state.update(str(_engines()).encode())
    return state.hexdigest()


def inputs(raw_dir: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in raw/, and the state of all that turns them into marts."""
    files = [path for path in sorted(raw_dir.rglob("*")) if path.is_file()]
    hashes = {
        path.relative_to(raw_dir.parent).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    return hashes | _engines()


def _engines() -> dict[str, str]:
    versions = {package: version(package) for package in ENGINE_PACKAGES}
    code = {"reading": reading.VERSION, "parsing": parsing.VERSION}
    return {"dbt project": dbt_project_hash()} | code | versions


def dbt_project_hash() -> str:
    """Return a hash of every file that dbt reads: it changes when the project does."""
    folders = ("models", "macros", "seeds", "tests")
    files = [p for folder in folders for p in (DBT_PROJECT / folder).rglob("*") if p.is_file()]
    state = hashlib.sha256()
    for path in [DBT_PROJECT / "dbt_project.yml", DBT_PROJECT / "profiles.yml", *sorted(files)]:
        state.update(f"{path.relative_to(DBT_PROJECT)}\n".encode() + path.read_bytes())
    return state.hexdigest()


def published(place: Home) -> dict[str, Any]:
    """Return the manifest of the served file, or an empty one when nothing is served yet."""
    if not (place.manifest.exists() and place.served.exists()):
        return {}
    manifest: dict[str, Any] = json.loads(place.manifest.read_text())
    return manifest


def failed_audits(run_results: Path, manifest: Path) -> list[str]:
    """Return a sentence for each model, seed or error-severity test that failed, and for the rest.

    Raises `PublicationRefusedError` when the candidate has not been audited at all.
    """
    if not run_results.exists():
        raise PublicationRefusedError(
            "The candidate has not been audited: run the whole build first."
        )
    results = {r["unique_id"]: r for r in json.loads(run_results.read_text())["results"]}
    nodes = json.loads(manifest.read_text())["nodes"]
    sentences, not_run = [], 0
    for unique_id, node in sorted(nodes.items()):
        if node["resource_type"] not in ("model", "seed", "test"):
            continue
        result = results.get(unique_id, {})
        status = result.get("status", "not run")
        if status in ("skipped", "not run"):
            not_run += 1
        elif status not in ("success", "pass", "warn"):
            found = " ".join(str(result.get("message")).split())
            sentences.append(f"the {node['resource_type']} {node['name']} failed: {found}")
    if not_run:
        sentences.append(f"{not_run:,} models and tests did not run")
    return sentences


def publish(
    place: Home, run_results: Path, manifest: Path, known_inputs: dict[str, str]
) -> dict[str, Any]:
    """Serve the candidate if its audit is clean; return the manifest of what is now served.

    The file is replaced by a rename within one folder: whoever has the old file open keeps it,
    whoever opens it next sees the new one. `known_inputs` are what the file was made from, or empty
    when some input could not be used, so that the next build tries again. Raises
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
    with duckdb.connect(str(place.candidate)) as candidate:
        candidate.execute("checkpoint")
        tables = candidate.execute(
            "select schema_name || '.' || table_name, estimated_size "
            "from duckdb_tables() order by 1"
        ).fetchall()
    record = {"fingerprint": fingerprint(place), "inputs": known_inputs, "rows": dict(tables)}
    if published(place).get("fingerprint") == record["fingerprint"]:
        # A file that was refused leaves what is served as it is, to the byte.
        return published(place)
    _sync(place.candidate)
    place.candidate.replace(place.served)
    _replace_text(place.manifest, json.dumps(record, indent=2))
    return record


def _replace_text(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    _sync(partial)
    partial.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
