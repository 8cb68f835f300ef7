"""The stages after dbt that need no Dagster, each skipped while all that makes its result stands.

Belongs here: of what each result is made. Not here: making it (`lineage`, `publication`, `report`),
and what Dagster is told of it (`assets`). All need `lock.sole_writer`; None is what stood already.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import config, files
from orchestration.config import EXPORTS_TO, Home, LedgerError
from orchestration.dbt import run_dbt
from orchestration.publication import exports, provenance, versions
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import Inventory, find_sources

if TYPE_CHECKING:
    from orchestration.report.page import Recency


def is_landed(home: Home, raw: Mapping[str, str]) -> bool:
    """Whether what has landed is of the raw files that are there now."""
    return provenance.keys(home).get("land") == provenance.key("land", raw)


def is_built(home: Home, raw: Mapping[str, str], variables: Mapping[str, str]) -> bool:
    """Whether there is a version of all that is there now, whatever is shown of it."""
    if not is_landed(home, raw):
        return False
    wanted = provenance.inputs_hash(provenance.marts_key(home, variables))
    if variables:
        return wanted in (version.get("inputs_hash") for version in versions.kept(home))
    has_docs = home.docs.exists() and provenance.keys(home).get("docs") == provenance.docs_key()
    now, newest = versions.current(home)
    is_made = wanted in {now.get("inputs_hash"), newest.get("inputs_hash")}
    return is_made and has_docs and bool(now)


def load_page_early() -> None:
    """Begin to load what draws the page, which takes seconds, while dbt builds elsewhere."""

    def load() -> None:
        from orchestration.report import chart_data, page  # noqa: F401, PLC0415 - as they take long

        chart_data.start_compiler()

    threading.Thread(target=load).start()


def describe(home: Home) -> dict[str, Any] | None:
    """Write what each column of the candidate is and where its values come from."""

    def write() -> dict[str, Any]:
        from orchestration.lineage import dictionary  # noqa: PLC0415 - as for the page

        kinds = read_kinds()
        return {**dictionary.write(home, home.manifest, kinds.values())}

    marts = provenance.keys(home).get("marts", "")
    return provenance.unless_made(home, "dictionary", marts, write)


def write_docs(home: Home) -> dict[str, Any] | None:
    """Write the page of the dbt docs."""

    def write() -> dict[str, Any]:
        with files.replacing(home.docs) as partial:
            target = partial.with_name("target")
            target.mkdir()
            # dbt makes the page of the manifest that lies where it writes.
            shutil.copy(home.manifest, target)
            command = ("docs", "generate", "--static", "--no-compile")
            run_dbt(*command, target=target, parsed=home.parsed)
            page = (target / "static_index.html").read_text(encoding="utf-8")
            # Relations by the name of the file that readers open, not of the one that dbt builds.
            served = re.sub(r'(\\?")candidate(\\?")', rf"\1{home.served.stem}\2", page)
            partial.write_text(served, encoding="utf-8")
        return {"page": str(home.docs)}

    return provenance.unless_made(home, "docs", provenance.dbt_project_hash(), write, home.docs)


def write_exports(home: Home) -> dict[str, Any] | None:
    """Export what is served, and copy it to the object store that the environment names."""
    address = os.environ.get(EXPORTS_TO, "")

    def write() -> dict[str, Any]:
        tables = exports.write(home.served, home.exports)
        if address:
            exports.copy(home.exports, address)
        return {"folder": str(home.exports), "tables": tables}

    made_of = f"{versions.served_id(home)} {address}".strip()
    return provenance.unless_made(home, "exports", made_of, write, home.exports / "index.json")


def write_report(home: Home, variables: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """Write the page of what is served, or of the version that was built with variables."""
    file, report = versions.shown(home, variables or {})

    def write() -> dict[str, Any]:
        # The libraries that draw take seconds to import: who draws nothing doesn't wait for them.
        from orchestration.report import page  # noqa: PLC0415

        # Of a version that isn't served nobody waits for the next snapshot.
        recency = () if variables else _recency(home)
        parts = page.write_report(file, report, before, library=_library(home), recency=recency)
        return {"page": str(report), **parts}

    before = None if variables else _before_served(home)
    if variables:
        return write()
    # What landed in part has no key: of it the page says what is refused now.
    landed = provenance.keys(home).get("land") or str(dt.datetime.now(dt.timezone.utc))
    made_of = f"{versions.served_id(home)} {landed}"
    return provenance.unless_made(home, "report", made_of, write, report)


def _recency(home: Home) -> list[Recency]:
    """Return how the sources of the raw folder stand, for a page that is read at any time."""
    from orchestration.defs.source_states import source_states  # noqa: PLC0415 - as for the page
    from orchestration.report.page import Recency  # noqa: PLC0415 - as for the page

    kinds, raw, now = read_kinds(), config.raw_dir(), dt.datetime.now(dt.timezone.utc)
    found = find_sources(raw, kinds) if raw.is_dir() else Inventory((), ())
    return [
        Recency(state.name, state.state, state.why, state.late_at, state.stale_at)
        for state in source_states(home, found, kinds, now)
    ]


def _before_served(home: Home) -> Path | None:
    """Return the file that was served before, if it is kept."""
    try:
        return versions.file(home, versions.before_served(home))
    except LedgerError:
        return None


def _library(home: Home) -> str:
    """Return what draws the page's charts, kept from one page to the next."""

    def write() -> None:
        from orchestration.report import library  # noqa: PLC0415 - as for the page

        with files.replacing(home.page_library) as partial:
            partial.write_text(library.bundle(), encoding="utf-8")

    provenance.unless_made(home, "page_library", "", write, home.page_library)
    return home.page_library.read_text(encoding="utf-8")


# What people look at beside the served file.
SHOWN: dict[str, Callable[[Home], dict[str, Any] | None]] = {
    "exports": write_exports,
    "report": write_report,
}
