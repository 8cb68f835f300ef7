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
from orchestration.publication.contents import PUBLICATIONS, contents, open_database, query

_NAMES_SHOWN = 3
_LOG = "log.json"

Manifest = dict[str, Any]
Publication = dict[str, Any]  # a row of audit.publications
# What each manifest says, with its type.
_FACTS = {
    **dict.fromkeys(("id", "published_at"), str),
    **dict.fromkeys(("inputs", "variables", "tables", "publication"), dict),
}
TIME = "%Y-%m-%d %H:%M:%S"  # of UTC, as text


def kept(home: Home) -> list[Manifest]:
    """Return the manifest of each version that is kept and whole, oldest first."""
    return [read for read in _manifests(home).values() if not isinstance(read, str)]


def damages(home: Home) -> list[str]:
    """Return a sentence for each version that can't be used, and for the log."""
    sentences = [
        f"The version {folder.name} can't be used ({read}); remove {folder}."
        for folder, read in _manifests(home).items()
        if isinstance(read, str)
    ]
    if isinstance(why := _read_log(home), str):
        log_json = home.versions / _LOG
        sentences.append(f"{log_json} can't be used ({why}); the next build writes it anew.")
    return sentences


def _manifests(home: Home) -> dict[Path, Manifest | str]:
    """Return the manifest of each version by its folder, or why the version can't be used."""
    paths = sorted(home.versions.glob("[!.]*/manifest.json"))
    return {path.parent: _read_manifest(path, home.served.name) for path in paths}


def _read_manifest(path: Path, file_name: str) -> Manifest | str:
    read = _read_json(path)
    if isinstance(read, str):
        return read
    if not (isinstance(read, dict) and read.get("id") == path.parent.name):
        return f"its {path.name} is that of no version of this name"
    wrong = [name for name, type_ in _FACTS.items() if not isinstance(read.get(name), type_)]
    if wrong or not isinstance(read["publication"].get("row_count"), int):
        return f"its {path.name} lacks {' and '.join(wrong) or 'row_count'}"
    return read if files.is_file(path.with_name(file_name)) else f"it has no file {file_name}"


def _read_json(path: Path) -> Any:
    """Return what a file of ours holds, which is no text alone, or a text that says what is wrong.

    Nothing that a run writes is trusted to be whole: disks fail, and people edit.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return f"{path.name}: {error.strerror}"
    except (ValueError, RecursionError):
        return f"its {path.name} is damaged"
    return f"its {path.name} is damaged" if isinstance(read, str) else read


def file(home: Home, version: Mapping[str, Any]) -> Path:
    """Return the database file of a version."""
    return home.versions / str(version["id"]) / home.served.name


def served(home: Home) -> Manifest:
    """Return the manifest of what is served; empty when nothing is, or its version isn't kept."""
    version_id = served_id(home)
    return next((version for version in kept(home) if version["id"] == version_id), {})


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
    """Return a row for each time that something was put in place, as in `audit.publications`.

    What the served file knows of it speaks for a log that is damaged.
    """
    rows = _read_log(home)
    return publications(home.served) if isinstance(rows, str) else rows


def _read_log(home: Home) -> list[Publication] | str:
    path = home.versions / _LOG
    rows = _read_json(path) if path.exists() else []
    try:
        return rows if isinstance(rows, str) else [_checked_record(row) for row in rows]
    except (AttributeError, KeyError, TypeError, ValueError):
        return f"its {path.name} is damaged"


def log_ids(home: Home) -> set[str]:
    """Return the versions that were ever served."""
    return {row["version_id"] for row in log(home)}


def publications(path: Path) -> list[Publication]:
    """Return what a file knows of publications, itself last; nothing when it holds no record."""
    if not path.exists():
        return []
    try:
        with open_database(path) as connection:
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


def _checked_record(row: Mapping[str, Any]) -> Publication:
    record = _record(row)
    dt.datetime.strptime(record["published_at"], TIME)
    if not (isinstance(record["version_id"], str) and isinstance(record["is_rollback"], bool)):
        raise ValueError("a record of the log is none")
    return record


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
    is_damaged = isinstance(_read_log(home), str)
    if not rows or (
        entries and entries[-1]["version_id"] == rows[-1]["version_id"] and not is_damaged
    ):
        return
    if not entries or is_damaged:
        entries = rows
    elif rows[-1]["published_at"] > entries[-1]["published_at"]:
        entries.append(rows[-1])
    else:
        moment = f"{next_moment(entries):{TIME}}"
        entries.append(rows[-1] | {"published_at": moment, "is_rollback": True})
    with files.replacing(home.versions / _LOG) as partial:
        partial.write_text(json.dumps(entries, indent=1))


def next_moment(history: Sequence[Mapping[str, Any]]) -> dt.datetime:
    """Return now, in whole seconds of UTC, but later than all before whatever the clock says."""
    now = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None, microsecond=0)
    before = [dt.datetime.fromisoformat(row["published_at"]) for row in history]
    return max([now, *(moment + dt.timedelta(seconds=1) for moment in before)])


def sweep(home: Home) -> None:
    """Remove what a stopped run has left half done."""
    halves = [*home.path.glob("*.partial"), *home.versions.glob("*.partial")]
    for path in [*halves, *home.dbt_target.glob("dbt_build-*")]:
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

    `wanted` is an id or the beginning of one. Raises LedgerError.
    """
    version = find(home, wanted) if wanted else before_served(home)
    if version["id"] == served(home).get("id"):
        raise LedgerError(f"{version['id']} is what is served: there is nothing to do.")
    if not is_whole(home, version):
        raise LedgerError(
            f"{version['id']} no longer holds what it was published with: choose another one."
        )
    serve(home, version)
    return version


def is_whole(home: Home, version: Mapping[str, Any]) -> bool:
    """Whether a version holds what it was published with."""
    try:
        with open_database(file(home, version)) as connection:
            return bool(contents(connection) == version["tables"])
    except duckdb.Error:
        return False


def find(home: Home, wanted: str) -> Manifest:
    """Return the version whose id begins with `wanted`. Raises LedgerError."""
    found = [version for version in kept(home) if version["id"].startswith(wanted)]
    if len(found) != 1:
        many = f"{len(found):,} versions begin with {wanted}" if found else f"No version {wanted}"
        raise LedgerError(f"{many}: `genai-ledger versions` lists what there is.")
    return found[0]


def before_served(home: Home) -> Manifest:
    """Return the version that was served before what is now. Raises LedgerError."""
    now = served(home)
    if not now:
        raise LedgerError(
            "Nothing is served yet, or no version that is kept: run `make`, or name one that "
            "`genai-ledger versions` lists."
        )
    were_served = log_ids(home)
    older = [v for v in kept(home) if v["id"] < now["id"] and v["id"] in were_served]
    if not older:
        raise LedgerError(f"There is no version before {now['id']}, which is what is served.")
    return older[-1]


def listing(home: Home) -> list[dict[str, Any]]:
    """Return a record for each version that is kept, newest first, with what changed in it."""
    now, versions = served(home).get("id"), kept(home)
    return [
        {
            "id": version["id"],
            "published_at": version["published_at"],
            "is_served": version["id"] == now,
            "rows": version["publication"]["row_count"],
            "variables": version["variables"],
            "changed": None if before is None else _changes(version, before),
        }
        for before, version in zip([None, *versions], versions, strict=False)
    ][::-1]


def _changes(version: Manifest, before: Manifest) -> str:
    return what_changed(version["inputs"], before["inputs"]) or "the same inputs"


def what_changed(new: Mapping[str, str], old: Mapping[str, str]) -> str:
    """Name the first few of the inputs that were added, changed or removed; empty for none."""
    changed = [
        f"{name} {'added' if name not in old else 'removed' if name not in new else 'changed'}"
        for name in sorted(new.keys() | old.keys())
        if new.get(name) != old.get(name)
    ]
    more = f" and {len(changed) - _NAMES_SHOWN:,} more" if len(changed) > _NAMES_SHOWN else ""
    return ", ".join(changed[:_NAMES_SHOWN]) + more
