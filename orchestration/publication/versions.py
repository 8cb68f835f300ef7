"""The versions that were published: which there are, which is served, and going back to one.

    versions/<utc time>-<short hash>/warehouse.duckdb   never written again, nor linked to what is
    versions/<utc time>-<short hash>/manifest.json      what it was made from and what it holds
    versions/<utc time>-<short hash>/pinned             put there by hand: keep it
    versions/log.json                                   what was served when, rollbacks included

Belongs here: the folder, the log and the served file. Not here: making a version (`publication`).
What is served is told by the served file itself; the log follows it (`settle`). Every function
that changes something needs `lock.sole_writer`.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration import files
from orchestration.config import VERSIONS_KEPT, Home, LedgerError
from orchestration.publication.contents import PUBLICATIONS, contents, query

_NAMES_SHOWN = 3

Manifest = dict[str, Any]
Publication = dict[str, Any]  # a row of audit.publications
TIME = "%Y-%m-%d %H:%M:%S"  # of UTC, as text


class VersionError(LedgerError):
    """A version can't be had; the message is one sentence that says why and what to do."""


def kept(home: Home) -> list[Manifest]:
    """Return the manifest of each version that is kept, oldest first."""
    paths = sorted(home.versions.glob("[!.]*/manifest.json"))
    return [json.loads(p.read_text()) for p in paths if (p.parent / home.served.name).exists()]


def file(home: Home, version: Mapping[str, Any]) -> Path:
    """Return the database file of a version."""
    return home.versions / str(version["id"]) / home.served.name


def served(home: Home) -> Manifest:
    """Return the manifest of what is served; empty when nothing is, or its version isn't kept."""
    version_id = served_id(home)
    path = home.versions / version_id / "manifest.json" if version_id else None
    manifest: Manifest = json.loads(path.read_text()) if path and path.exists() else {}
    return manifest


def served_id(home: Home) -> str:
    """Return the version that is served, as the served file tells; empty when nothing is."""
    rows = publications(home.served)
    return str(rows[-1]["version_id"]) if rows else ""


def current(home: Home) -> tuple[Manifest, Manifest]:
    """Return what is served and what was published last: different after a rollback."""
    newest = [row["version_id"] for row in log(home) if not row["is_rollback"]][-1:]
    return served(home), next((v for v in kept(home) if v["id"] in newest), {})


def rollback_note(home: Home) -> str | None:
    """Return a sentence when what is served is older than what was published last."""
    now, newest = current(home)
    if not now or not newest or now["id"] >= newest["id"]:
        return None
    since = log(home)[-1]["published_at"]
    return (
        f"The served file is the older version {now['id']}, since a rollback at {since} UTC. "
        f"`genai-ledger rollback {newest['id']}` goes forward to the newest one, "
        "`genai-ledger build --force` publishes anew."
    )


def shown(home: Home, variables: Mapping[str, str]) -> tuple[Path, Path]:
    """Return the file that people are shown, and the page of its report.

    That is what is served; a version that was built with variables is looked at in its folder.
    """
    if not variables:
        return home.served, home.report
    version = [v for v in kept(home) if v["variables"] == variables][-1]
    return file(home, version), file(home, version).with_name(home.report.name)


def log(home: Home) -> list[Publication]:
    """Return a row for each time that something was put in place, as in `audit.publications`."""
    path = home.versions / "log.json"
    return [_record(row) for row in json.loads(path.read_text())] if path.exists() else []


def log_ids(home: Home) -> set[str]:
    """Return the versions that were ever served."""
    return {row["version_id"] for row in log(home)}


def publications(path: Path) -> list[Publication]:
    """Return what a file knows of publications, itself last; nothing when it holds no record."""
    if not path.exists():
        return []
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = query(connection, f"from {PUBLICATIONS} order by published_at")
    except duckdb.Error:
        return []
    return [_record(row) for row in rows]


def _record(row: Mapping[str, Any]) -> Publication:
    """Return a row as JSON holds it, under the names of today."""
    return {
        "inputs_hash" if name == "fingerprint" else name: str(v) if isinstance(v, dt.date) else v
        for name, v in row.items()
    }


def write_publications(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Fill `audit.publications` of a file that is open for writing."""
    connection.execute("begin")
    connection.execute(f"delete from {PUBLICATIONS}")  # noqa: S608
    for row in rows:
        slots = ", ".join("?" * len(row))
        statement = f"insert into {PUBLICATIONS} ({', '.join(row)}) values ({slots})"  # noqa: S608
        connection.execute(statement, list(row.values()))
    connection.execute("commit")
    connection.execute("checkpoint")


def serve(home: Home, version: Mapping[str, Any]) -> None:
    """Put a version in place in one step: an open reader keeps what it has, the next sees this.

    A copy, so that nobody who writes into the served file writes into the version.
    """
    with files.replacing(home.served) as partial:
        shutil.copyfile(file(home, version), partial)
        partial.chmod(0o444)
        # Left by a client that opened the file for writing; it doesn't fit the one that comes.
        home.served.with_name(f"{home.served.name}.wal").unlink(missing_ok=True)
    settle(home, file(home, version))


def settle(home: Home, truth: Path) -> None:
    """Make the log agree with what is served, as that file tells, after a run was stopped too."""
    rows, entries = publications(truth), log(home)
    if not rows or (entries and entries[-1]["version_id"] == rows[-1]["version_id"]):
        return
    if not entries:
        entries = rows
    elif rows[-1]["published_at"] > entries[-1]["published_at"]:
        entries.append(rows[-1])
    else:
        moment = f"{next_moment(entries):{TIME}}"
        entries.append(rows[-1] | {"published_at": moment, "is_rollback": True})
    with files.replacing(home.versions / "log.json") as partial:
        partial.write_text(json.dumps(entries, indent=1))


def next_moment(history: Sequence[Mapping[str, Any]]) -> dt.datetime:
    """Return now, in whole seconds of UTC, but later than all before whatever the clock says."""
    now = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None, microsecond=0)
    before = [dt.datetime.fromisoformat(row["published_at"]) for row in history]
    return max([now, *(moment + dt.timedelta(seconds=1) for moment in before)])


def sweep(home: Home) -> None:
    """Remove what a stopped run has left half done."""
    halves = [*home.path.glob("*.partial"), *home.versions.glob("*.partial")]
    runs = [*home.dbt_target.glob("dbt_build-*"), *home.dbt_target.glob("docs")]
    for path in [*halves, *runs]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def prune(home: Home) -> None:
    """Remove all but the newest versions; what is served, was published last or is pinned stays."""
    needed = {version.get("id") for version in current(home)}
    for version in kept(home)[:-VERSIONS_KEPT]:
        folder = home.versions / str(version["id"])
        if version["id"] not in needed and not (folder / "pinned").exists():
            # Out of sight at once: a stopped removal leaves no version without its file.
            gone = folder.rename(folder.with_name(f".{folder.name}.partial"))
            shutil.rmtree(gone)


def rollback(home: Home, wanted: str | None) -> Manifest:
    """Serve an older version again: the one named, or the one before what is served.

    `wanted` is an id or the beginning of one. Raises `VersionError`.
    """
    version = find(home, wanted) if wanted else before_served(home)
    if version["id"] == served(home).get("id"):
        raise VersionError(f"{version['id']} is what is served: there is nothing to do.")
    with duckdb.connect(str(file(home, version)), read_only=True) as connection:
        if contents(connection) != version["tables"]:
            raise VersionError(
                f"{version['id']} no longer holds what it was published with: choose another one."
            )
    serve(home, version)
    return version


def find(home: Home, wanted: str) -> Manifest:
    """Return the version whose id begins with `wanted`. Raises `VersionError`."""
    found = [version for version in kept(home) if version["id"].startswith(wanted)]
    if len(found) != 1:
        many = f"{len(found):,} versions begin with {wanted}" if found else f"No version {wanted}"
        raise VersionError(f"{many}: `genai-ledger versions` lists what there is.")
    return found[0]


def before_served(home: Home) -> Manifest:
    """Return the version that was served before what is now. Raises `VersionError`."""
    now = served(home)
    if not now:
        raise VersionError("Nothing is served yet, or not from a kept version: run `make` first.")
    were_served = log_ids(home)
    older = [v for v in kept(home) if v["id"] < now["id"] and v["id"] in were_served]
    if not older:
        raise VersionError(f"There is no version before {now['id']}, which is what is served.")
    return older[-1]


def listing(home: Home) -> list[str]:
    """Return a line for each version that is kept, newest first, with what changed in it."""
    now, versions = served(home).get("id"), kept(home)
    lines = []
    for before, version in zip([None, *versions], versions, strict=False):
        asked = "".join(f", {name} {day}" for name, day in version["variables"].items())
        rows = version["publication"]["row_count"]
        lines.append(
            f"{version['id']}  {version['published_at']} UTC  {rows:>9,} rows  "
            f"{_what_changed(version, before)}{asked}"
            f"{'  <- served' if version['id'] == now else ''}"
        )
    return lines[::-1]


def _what_changed(version: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    if before is None:
        return "the oldest that is kept"
    new, old = version["inputs"], before["inputs"]
    changed = [
        f"{name} {'added' if name not in old else 'removed' if name not in new else 'changed'}"
        for name in sorted(new.keys() | old.keys())
        if new.get(name) != old.get(name)
    ]
    more = f" and {len(changed) - _NAMES_SHOWN:,} more" if len(changed) > _NAMES_SHOWN else ""
    return ", ".join(changed[:_NAMES_SHOWN]) + more or "the same inputs"
