"""What every room shares: where things are, the few numbers that steer a run, the one error.

Belongs here: paths, environment variables, limits, how a process is set up, and the base of the
errors that are told in a sentence. Not here: what a source says of itself (`raw/**/source.yml`)
and what the marts count (`vars` in `dbt_project/dbt_project.yml`).
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import os
import re
import sys
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

_PACKAGE = Path(__file__).resolve().parent
# What holds the dbt project of this code: the checkout, or the package that was installed.
SHIPPED = _PACKAGE if (_PACKAGE / "dbt_project").is_dir() else _PACKAGE.parent


def _project() -> Path:
    """Return the checkout; else the project that one stands in; else what was installed."""
    try:
        here = Path.cwd()
    except OSError:  # it is gone
        here = SHIPPED
    folders = (_PACKAGE.parent, here, *here.parents)
    projects = (f for f in folders if (f / "dbt_project" / "dbt_project.yml").is_file())
    return next(projects, SHIPPED)


PROJECT = _project()
DBT_PROJECT = PROJECT / "dbt_project"
KINDS_FILE = DBT_PROJECT / "models" / "staging" / "_landing__sources.yml"

# The newest runs of a job that went well, and as many that didn't; a whole build keeps 4 MB.
RUNS_KEPT = 3
_GARBAGE_AFTER_OBJECTS = 100_000
# A daily run that is late by two hours warns; one that was missed fails.
RUN_WARNS_AFTER_HOURS = 26
RUN_FAILS_AFTER_HOURS = 50
RETRY_LONGEST_SECONDS = 6 * 3600
# Who is told of what is not well: addresses of Apprise, parted by blanks.
ALERTS = "GENAI_LEDGER_ALERTS"
# The daemon gives a sign of life every half minute.
DAEMON_SILENT_SECONDS = 180
# A run that has said nothing for so long since it was asked for has not started.
RUN_START_SECONDS = 120
# A UI that ends sooner has not started, as when its port is taken.
UI_START_SECONDS = 60
# What a server may cost: seconds to connect, of silence, for all attempts at one file together,
# the longest wait that it can ask for, ours before a second attempt. Sizes are in LIMITS.
FETCH_CONNECT_SECONDS = 10.0
FETCH_SILENCE_SECONDS = 30.0
FETCH_TOTAL_SECONDS = 900.0
FETCH_WAIT_SECONDS = 60.0
FETCH_PAUSE_SECONDS = 1.0
FETCH_ATTEMPTS = 3
FETCH_REDIRECTS = 5
# Of fsspec's protocols, those of object stores; the others read local files or have no deadline.
FSSPEC_PROTOCOLS = ("s3", "gs", "az")
# Where exports are copied to, as s3://bucket/folder; empty: nowhere.
EXPORTS_TO = "GENAI_LEDGER_EXPORTS_TO"
# dbt of the environment that runs this, whether or not it is activated.
DBT_COMMAND = (sys.executable, "-m", "orchestration.defs.dbt_child")
# The address of a PostgreSQL database for Dagster's runs and events, instead of files in its home.
POSTGRES_URL = "GENAI_LEDGER_POSTGRES_URL"
# Its name in Dagster's UI, as pyproject.toml and deploy/workspace.yaml have it.
CODE_LOCATION = "genai_ledger"
_OUR_DAGSTER_HOME = "GENAI_LEDGER_DAGSTER_HOME"
_DAGSTER_SETTINGS = _PACKAGE / "dagster_settings"
# What earlier versions wrote as dagster.yaml: replaced, where nobody has changed it.
_FORMER_DAGSTER_SETTINGS = {
    "cd3fe8deefdf2808523506db36c8f73591d6dcb2feff795923dded1214837c7f",
    "c5c57697a4f96f47d040e7f109584456f71368bfc50f0b4c0eb805595fb41ba0",
    "71f6e35d2a718257f569bba3c28ad641ca47eacf9d07747ba1fd8c156e691681",
    "ff3245b9b855909198d8c82e0697209520edd1a8e44d55aab145b7ef4055f8d5",
    "b27a8f8de76fb287207334892d34147a3bc65e89b2c64565820d51ef2b0ccefd",
    "81dac88e24ebe33316a611c52bc0d4087619cf563dee5a486af033c2d675d0fe",
}
# Installed packages that a source may name for a file in them.
DATA_PACKAGES = ("currency_converter",)
DBT_TARGET = "build"  # of dbt_project/profiles.yml; dbt by hand has another
# What runs the models: DuckDB, or Spark where the data outgrow one machine. All else is the same.
ENGINE = "GENAI_LEDGER_ENGINE"
ENGINES = ("duckdb", "spark")
# What DuckDB may hold in memory while dbt builds, as `4GiB`; empty: four fifths of the machine.
MEMORY_LIMIT = "GENAI_LEDGER_MEMORY_LIMIT"
_MEMORY_SIZE = re.compile(r"[0-9]+(\.[0-9]+)? *[KMGT]i?B", re.IGNORECASE)
# The newest versions that are kept, besides those that are served or pinned.
VERSIONS_KEPT = 10


class LedgerError(Exception):
    """What a person can mend; its text is one sentence: what is wrong, where, and what to do."""


def closest(name: str, names: Collection[str]) -> str | None:
    """Return which of the names was probably meant, whatever their case; None when none is near.

    That is one of about the same letters, else the shortest that begins with or holds the name. Of
    names that differ in case alone it is the one with the most capitals in front.
    """
    folded = {known.casefold(): known for known in sorted(names, reverse=True)}
    wanted = name.casefold()
    near = get_close_matches(wanted, folded, n=1)
    holding = sorted(
        (known for known in folded if wanted and wanted in known),
        key=lambda known: (not known.startswith(wanted), len(known), known),
    )
    return next((folded[known] for known in (*near, *holding)), None)


def nearest(name: str, names: Collection[str]) -> str:
    """Say, as the end of such a sentence, which of the names was probably meant."""
    close = closest(name, names)
    return f"did you mean `{close}`?" if close else f"there are {', '.join(names)}"


class Limits(NamedTuple):
    """What one raw file may cost; a file beyond it is refused with a sentence.

    Memory and time are those of the process that reads it (`landing.sandbox`). A file of n
    megabytes has `seconds + n * seconds_a_mb` of a processor's time, so that a small one can't
    hold up a run and a busy machine refuses nothing; `patience` times that by the clock.
    """

    file_bytes: int = 1 << 30
    inflated_bytes: int = 2 << 30  # of all parts of a workbook or compressed file together
    inflation: int = 250  # times; spreadsheets inflate up to fifty times, bombs a thousand times
    parts: int = 10_000  # a workbook has a few for each sheet
    packaged_bytes: int = 64 << 20  # what is looked at for the date of a file in a package
    columns: int = 16_384  # as many as Excel has
    cell_bytes: int = 1 << 20  # Excel's cells end at 32,767 characters
    memory_bytes: int = 3 << 30
    seconds: float = 10
    seconds_a_mb: float = 1
    patience: float = 5


LIMITS = Limits()


class Timetable(NamedTuple):
    """When things run. Each can be set: GENAI_LEDGER_BUILD_CRON sets `build_cron`, and so on."""

    # Downloads end before the build starts, so that it reads what they brought.
    refresh_cron: str = "0 5 * * *"
    build_cron: str = "0 6 * * *"
    freshness_cron: str = "30 * * * *"
    pruning_cron: str = "0 4 * * *"
    time_zone: str = "UTC"  # of the four; Dagster minds daylight saving
    poll_seconds: int = 30  # between two looks at raw/
    alert_seconds: int = 60
    # A build that failed is tried again after so long, then after twice as long each time.
    retry_seconds: int = 60


def timetable() -> Timetable:
    """Return the times as the environment sets them. Raises LedgerError for what is none."""
    variables = {name: f"GENAI_LEDGER_{name.upper()}" for name in Timetable._fields}
    asked: dict[str, Any] = {}
    for name, variable in variables.items():
        text = os.environ.get(variable, "").strip()
        is_number = name.endswith("_seconds")
        if text and is_number and not (text.isdigit() and int(text)):
            raise LedgerError(f"{variable} is {text!r}, which is no number of seconds")
        if text:
            asked[name] = int(text) if is_number else text
    times = Timetable(**asked)
    try:
        ZoneInfo(times.time_zone)
    except (ValueError, LookupError, OSError):
        raise LedgerError(
            f"GENAI_LEDGER_TIME_ZONE is {times.time_zone!r}; write it as in Europe/Berlin"
        ) from None
    return times


class Home:
    """The folder that holds everything a run writes, and the names in it."""

    def __init__(self, path: Path) -> None:
        """Name what is in a folder; nothing is made."""
        self.path = path
        self.landing = path / "landing"  # content-addressed Parquet and its catalogue
        self.work = path / "build" / "work.duckdb"  # staging and intermediate tables
        self.candidate = path / "build" / "candidate.duckdb"  # marts and audit, before the audit
        self.spark = path / "spark"  # what Spark has built, when it is the engine
        self.keys = path / "keys.json"  # of what each result was made: what a build may skip
        self.served = path / "warehouse.duckdb"  # the audited file that people and tools read
        self.versions = path / "versions"  # a folder each, and the log of what was served when
        self.lock = path / "writer.lock"  # locked by whoever writes; says who that is
        self.docs = path / "docs" / "index.html"  # the dbt docs as one page
        self.report = path / "report.html"  # the page to look at
        self.page_library = path / "build" / "page_library.js"  # what draws the page's charts
        self.exports = path / "exports"  # served tables as Parquet and CSV, with their index.json
        self.refresh = path / "refresh"  # what is known of the last download of each remote source
        self.dbt_target = path / "dbt"  # what dbt writes about its runs
        self.manifest = self.dbt_target / "manifest.json"  # the dbt project, parsed
        self.parsed = self.dbt_target / "partial_parse.msgpack"  # the same, as dbt loads it
        # The results of dbt's last build: what the publication judges.
        self.audit_results = self.dbt_target / "audit_results.json"
        self.model_edges = self.dbt_target / "lineage.json"  # column lineage of models, by SQL
        self.dbt_log = self.dbt_target / "logs" / "dbt_build.log"
        self.runs = path / "runs"  # a file for each run that goes on, which it has locked
        self.dagster = path / "dagster"  # Dagster's own home: runs, events, schedules


def collect_garbage_seldom() -> None:
    """Have Python look for garbage seldom, and at its end not at all.

    Dagster and dbt keep what they read of the project until they end: looking as often as Python
    does, after 700 new objects, is a tenth of what a run costs, and the last look takes a second.
    """
    gc.set_threshold(_GARBAGE_AFTER_OBJECTS)
    atexit.register(gc.freeze)


def engine() -> str:
    """Return what runs the models, of `ENGINES`; raises LedgerError for another."""
    named = os.environ.get(ENGINE) or ENGINES[0]
    if named not in ENGINES:
        raise LedgerError(f"{ENGINE} is {named}; {nearest(named, ENGINES)}")
    return named


def raw_dir() -> Path:
    """Return the folder of raw files: `GENAI_LEDGER_RAW`, or `raw/` in the project."""
    # What was installed is no place to keep anything.
    project = Path.cwd() if PROJECT == _PACKAGE else PROJECT
    return _folder("GENAI_LEDGER_RAW", project / "raw")


def home() -> Home:
    """Return the folder a run writes to: `GENAI_LEDGER_HOME`, or `warehouse/` in the project."""
    cache = Path("~/.cache/genai-ledger")
    path = _folder("GENAI_LEDGER_HOME", cache if PROJECT == _PACKAGE else PROJECT / "warehouse")
    refuse_pattern(path, "GENAI_LEDGER_HOME")
    return Home(path)


def refuse_pattern(path: Path, name: str) -> None:
    """Raise LedgerError for a folder in which no database could be read."""
    if any(sign in str(path) for sign in "*?["):
        raise LedgerError(
            f"{name} is {path}, and DuckDB takes *, ? and [ in a path for a pattern; "
            "choose a folder without them"
        )


def _folder(variable: str, default: Path) -> Path:
    # An empty variable names no folder, rather than the one that the command is run in.
    named = Path(os.environ.get(variable, "").strip() or default)
    try:
        return named.expanduser().resolve()
    except RuntimeError as error:
        raise LedgerError(
            f"{variable} is {named}, and whose home that is isn't known; write the whole path"
        ) from error


def prepare_environment() -> Home:
    """Create the home and point Dagster and dbt at it; return it.

    Dagster reads `DAGSTER_HOME`, dbt reads `GENAI_LEDGER_HOME`, and both must see the same folder
    whether they are started from the command line, by a schedule or from the UI. A `DAGSTER_HOME`
    that the user has set stays. Raises LedgerError for a variable that can't be used.
    """
    prepared = home()
    limit = os.environ.get(MEMORY_LIMIT, "")
    if limit and not _MEMORY_SIZE.fullmatch(limit):
        raise LedgerError(f"{MEMORY_LIMIT} is {limit!r}; write it as in 4GiB or 500MB")
    # One that this set, for another home, isn't the user's.
    is_ours = os.environ.get("DAGSTER_HOME") == os.environ.get(_OUR_DAGSTER_HOME)
    dagster_home = prepared.dagster if is_ours else _folder("DAGSTER_HOME", prepared.dagster)
    if dagster_home == prepared.dagster:
        os.environ[_OUR_DAGSTER_HOME] = str(dagster_home)
    for folder in (dagster_home, prepared.work.parent):
        folder.mkdir(parents=True, exist_ok=True)
    if os.environ.get(POSTGRES_URL, "").startswith("postgresql://"):
        # SQLAlchemy takes that for another driver than the one that Dagster installs.
        plain = os.environ[POSTGRES_URL].removeprefix("postgresql")
        os.environ[POSTGRES_URL] = f"postgresql+psycopg2{plain}"
    _write_dagster_settings(dagster_home / "dagster.yaml")
    try:
        Path.home()
    except RuntimeError:  # a user without a home, as containers have; dbt asks for one
        os.environ["HOME"] = str(prepared.path)
    os.environ["DAGSTER_HOME"] = str(dagster_home)
    os.environ["GENAI_LEDGER_HOME"] = str(prepared.path)
    # What a user has set for dbt projects of their own doesn't steer this one.
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    os.environ["DBT_PROFILES_DIR"] = str(DBT_PROJECT)
    os.environ["DBT_TARGET_PATH"] = str(prepared.dbt_target)
    os.environ["DBT_LOG_PATH"] = str(prepared.dbt_target / "logs")
    # With each statement in it the log took a fifth of a build, and outgrew the file it is kept in.
    os.environ["DBT_LOG_LEVEL_FILE"], os.environ["DBT_LOG_FORMAT_FILE"] = "info", "text"
    os.environ["DO_NOT_TRACK"] = "1"
    return prepared


def _write_dagster_settings(path: Path) -> None:
    """Write Dagster's settings, for the storage that is wanted; a file of the user's stays."""
    texts = {
        storage: (_DAGSTER_SETTINGS / "instance.yaml").read_text()
        + (_DAGSTER_SETTINGS / f"{storage}.yaml").read_text()
        for storage in ("sqlite", "postgres")
    }
    wanted = texts["postgres" if os.environ.get(POSTGRES_URL) else "sqlite"]
    present = path.read_text() if path.exists() else wanted
    is_ours = present in texts.values() or _sha256(present) in _FORMER_DAGSTER_SETTINGS
    if is_ours and not (path.exists() and present == wanted):
        path.write_text(wanted)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
