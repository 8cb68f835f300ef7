"""The analyst's commands, such as `genai-ledger build`, `check FILE`, `versions`, `rollback`.

Belongs here: arguments, what is printed, exit codes. The work itself is in the other modules; a
user's mistake is one sentence on the terminal, never a stack trace.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import duckdb
from filelock import FileLock
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from orchestration import config, files
from orchestration.config import LedgerError, nearest
from orchestration.defs import stages
from orchestration.intake.new_project import make_project
from orchestration.lineage import row_selection
from orchestration.lineage import trace as tracing
from orchestration.lineage.diff import compare
from orchestration.publication import lock, versions
from orchestration.publication.contents import damage, open_database
from orchestration.report import documents
from orchestration.report.scope import NoRoundsError
from orchestration.sources.kinds import read_kinds
from orchestration.terminal import completion
from orchestration.terminal import summary as headline
from orchestration.terminal.diff import show as show_diff
from orchestration.terminal.layout import make_console, print_wrapped
from orchestration.terminal.trace import show as show_trace

console = make_console()


class Day(click.DateTime):
    """A day, as 2026-11-23; anything else gets a sentence that says how one is written."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the day, at midnight."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day; write it as 2026-11-23.", param, ctx)


DAY = Day(["%Y-%m-%d"])
json_option = click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")


def examples(*lines: str) -> str:
    """Return the end of a command's help: how it is typed."""
    return "\n".join(("\b", "Examples:", *(f"  genai-ledger {line}" for line in lines)))


def key_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each key that a report may have."""
    for option in reversed(row_selection.OPTIONS):
        command = click.option(
            f"--{option}",
            metavar="VALUE",
            help=f"The row's {option.replace('-', ' ')}.",
            shell_complete=completion.of_option(option),
        )(command)
    return command


def intake_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how a file is read, and since when it is late."""

    def known_kind(_: click.Context, __: click.Parameter, kind: str | None) -> str | None:
        kinds = read_kinds()
        if kind and kind not in kinds:
            raise click.BadParameter(f"{kind!r} is not a kind; {nearest(kind, kinds)}")
        return kind

    # What can't be read is told by who opens it, with what to do.
    existing = click.Path(exists=True, readable=False, path_type=Path)
    for option in (
        click.option("--cadence", help="When a newer file is due: 7d, 4w, or frozen."),
        click.option("--source-yml", type=existing, help="Read it with this source.yml."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="LINE",
            help="A line of its source.yml, such as 'access: open'.",
        ),
        click.option(
            "--kind",
            callback=known_kind,
            shell_complete=completion.kinds,
            help="Of the rows; guessed otherwise.",
        ),
        click.argument("file", type=existing),
    ):
        command = option(command)
    return command


class Commands(click.Group):
    """Commands that end with one sentence for what a person can mend, never a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a LedgerError and what the system refuses become a message of click's."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("Stopped; what is served is as it was.", err=True)
            sys.exit(130)
        except BrokenPipeError:  # who reads what is printed has seen enough
            return None
        except LedgerError as error:
            raise click.ClickException(str(error)) from None
        except duckdb.Error as error:
            told = files.full_disk(config.home().path, error) or damage(error)
            raise click.ClickException(told) from None
        except Exception as error:
            sentence = files.full_disk(config.home().path, error)
            if sentence is None and isinstance(error, OSError) and error.filename:
                sentence = f"{error.filename2 or error.filename} can't be used: {error.strerror}."
            if sentence is None:
                raise
            raise click.ClickException(sentence) from None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("summary", "check deals.xlsx", "trace company OpenAI")
    + "\n\nThe shell completes commands and names: docs/trace.md says how.",
)
@click.version_option(package_name="genai-ledger", prog_name="genai-ledger")
def main() -> None:
    """Answer who gets the GenAI money, and who ships the models, from raw spreadsheets."""


@main.command(
    epilog=examples("build", "build --select rpt_layer_share", "build --as-of 2023-02-28")
)
@click.option("--force", is_flag=True, help="Build and publish even when nothing has changed.")
@click.option(
    "--known-by", type=DAY, metavar="DAY", help="Use only snapshots taken on or before this day."
)
@click.option(
    "--as-of",
    type=DAY,
    metavar="DAY",
    help="The last day to speak of, instead of the newest event's.",
)
@click.option(
    "--select",
    metavar="MODEL",
    shell_complete=completion.models,
    help="Build one model, what it needs and what needs it.",
)
def build(
    force: bool, known_by: dt.datetime | None, as_of: dt.datetime | None, select: str | None
) -> None:
    """Build, audit and publish what changed in raw/.

    The headline is printed.

    With --known-by or --as-of the result is kept as a version and shown; what is served stays.
    """
    started = time.monotonic()
    days = {"known_by": known_by, "as_of": as_of}
    variables = {name: f"{day:%Y-%m-%d}" for name, day in days.items() if day}
    home = config.prepare_environment()
    # Dagster and dbt take seconds to import: only the commands that run them pay for it.
    from orchestration.defs.build import build_model, build_warehouse  # noqa: PLC0415

    before = versions.served(home).get("id")
    if select:
        if variables or force:
            raise click.UsageError("--select goes with no other option.")
        problems = build_model(home, config.raw_dir(), console, select)
    else:
        problems = build_warehouse(home, config.raw_dir(), console, variables, force=force)
    console.print()
    shown = None if variables and problems else versions.shown(home, variables)
    if shown and shown[0].exists():
        file, report = shown
        _show(file, is_short=True)
        if before and before != versions.served(home).get("id"):
            headline.show_moves(console, versions.file(home, {"id": before}), file)
        if variables:
            print_wrapped(console, f"Kept, not served: {file}")
            if report.exists():
                print_wrapped(console, f"Its report: {report}")
        else:
            page = "report.html to read, " if report.exists() else ""
            print_wrapped(
                console,
                f"In {home.path}: {page}warehouse.duckdb to query, docs/index.html, exports/. "
                "`genai-ledger summary` prints all answers.",
            )
        _note_versions(home)
    console.print(f"Took {time.monotonic() - started:,.1f} s.")
    for problem in dict.fromkeys(problems):
        click.echo(f"Problem: {problem}", err=True)
    sys.exit(1 if problems else 0)


@main.command(epilog=examples("summary", "summary --json"))
@json_option
def summary(as_json: bool) -> None:
    """Print every answer of the served file, with what it rests on."""
    home = _served_home()
    if as_json:
        _print_json(headline.as_record(headline.read(home.served)))
    else:
        _show(home.served)
        _note_versions(home)


@main.command(epilog=examples("status", "status --json", "status --alert"))
@json_option
@click.option("--alert", is_flag=True, help="Tell GENAI_LEDGER_ALERTS what is new, as the UI does.")
def status(as_json: bool, alert: bool) -> None:
    """Show what is late, refused, failed or dead.

    The exit code is 1 when something is. Run it from another scheduler with --alert, and a dead
    daemon is told too.
    """
    home = config.prepare_environment()
    import dagster as dg  # noqa: PLC0415 - it takes seconds to import

    from orchestration.defs import alerts  # noqa: PLC0415
    from orchestration.defs.status import find_status  # noqa: PLC0415
    from orchestration.terminal import status as terminal  # noqa: PLC0415

    with dg.DagsterInstance.get() as instance:
        now = dt.datetime.now(dt.timezone.utc)
        found = find_status(home, config.raw_dir(), read_kinds(), instance, now)
    if as_json:
        click.echo(terminal.as_json(found))
    else:
        terminal.show(console, found)
    if alert:
        addresses = os.environ.get(config.ALERTS)
        if not addresses:
            raise LedgerError(f"{config.ALERTS} names nobody to tell.")
        alerts.send_alerts(home, found.incidents, found.claims, alerts.sender(addresses))
    sys.exit(1 if found.incidents else 0)


@main.command(epilog=examples("report"))
def report() -> None:
    """Write report.html, the page of what is served, if it would change."""
    home = _served_home()
    with lock.sole_writer(home, console.print):
        written = stages.write_report(home)
    console.print(f"{'Written:  ' if written else 'Unchanged:'} {home.report}")


@main.command(epilog=examples("readme", "readme --check"))
@click.option("--check", is_flag=True, help="Only say whether the documents are up to date.")
def readme(check: bool) -> None:
    """Write the served figures into README.md and docs/."""
    home = _served_home()
    stale = documents.refresh(config.PROJECT, home.served, write=not check)
    if stale and check:
        raise LedgerError(
            f"The figures of {' and '.join(stale)} differ from the served file: run `make readme`."
        )
    console.print(f"Rewritten: {', '.join(stale)}" if stale else "The documents are up to date.")


@main.command(epilog=examples("prepare"))
def prepare() -> None:
    """Parse the dbt project and make Dagster's storage, for the programs that find them there."""
    home = config.prepare_environment()
    import dagster as dg  # noqa: PLC0415 - it takes seconds to import

    from orchestration.defs.dbt_project import prepare_manifest  # noqa: PLC0415

    # One at a time: daemon and webserver, started together on an empty home, spoil its tables.
    with FileLock(home.path / "prepare.lock"):
        prepare_manifest(home)
        with dg.DagsterInstance.get():
            pass


@main.command(epilog=examples("ui", "ui --port 3001"))
@click.option("--port", default=3000, show_default=True, help="Port on this machine only.")
def ui(port: int) -> None:
    """Open Dagster's UI on the assets, their checks and runs; start it again if it dies."""
    config.prepare_environment()
    address = ["--host", "127.0.0.1", "--port", str(port)]
    command = [str(Path(sys.executable).with_name("dg")), "dev", *address]
    os.environ.setdefault("VIRTUAL_ENV", sys.prefix)  # else dg warns that it isn't activated
    while True:
        started = time.monotonic()
        code = _run_to_its_end(command)
        # It ends as a whole when its daemon is killed; one that ends at once can't be started.
        if code == 0 or time.monotonic() - started < config.UI_START_SECONDS:
            sys.exit(code)
        console.print("Dagster has died; it is started again.")


def _run_to_its_end(command: list[str]) -> int:
    """Run a program that has processes of its own; return its exit code, 0 if told to end it."""
    running: list[subprocess.Popen[bytes]] = []
    told = []

    def end(number: int, _: object) -> None:
        told.append(number)
        for process in running:
            process.send_signal(signal.SIGINT)

    # Before it starts: what a shell has background programs ignore, it would ignore too.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    # In a session of its own it is told once: a second signal stops it before it has ended them.
    running.append(subprocess.Popen(command, cwd=config.PROJECT, start_new_session=True))
    code = running[0].wait()
    return 0 if told else code


@main.command(
    epilog=examples(
        "check deals.xlsx", "check deals.csv --kind funding_rounds", "check deals.xlsx --json"
    )
)
@intake_options
@click.option("--write", type=click.Path(path_type=Path), help="Write the proposed source.yml.")
@click.option("--json", "as_json", is_flag=True, help="Print as report_schema.json describes.")
def check(
    *,
    file: Path,
    kind: str | None,
    source_yml: Path | None,
    settings: tuple[str, ...],
    write: Path | None,
    as_json: bool,
    **facts: str | None,
) -> None:
    """Show what would be read and accepted of FILE; change nothing.

    A source.yml for it is proposed. The exit code is 1 when the file can't be used.
    """
    from orchestration.terminal import check as intake  # noqa: PLC0415

    request = intake.request(kind, source_yml, settings, facts)
    sys.exit(0 if intake.check(console, file, request, write, as_json=as_json) else 1)


@main.command(
    epilog=examples(
        "add deals.xlsx",
        "add deals.xlsx --source deals --date 2026-11-23 --yes",
        "add deals.xlsx --source-yml deals.yml --replace",
    )
)
@intake_options
@click.option(
    "--source",
    shell_complete=completion.sources,
    help="Folder of the source, new or old; from the file's name otherwise.",
)
@click.option("--date", type=DAY, metavar="DAY", help="Day that the file describes, as 2026-11-23.")
@click.option("--title", help="The source's name in a few words.")
@click.option("--producer", help="Who made it.")
@click.option("--url", help="The address it was taken from.")
@click.option("--licence", help="Its licence.")
@click.option("--contents", help="What is and isn't in it.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what the file tells.")
@click.option("--replace", is_flag=True, help="Take the place of the snapshot of that day.")
@click.option("--force", is_flag=True, help="Add it even if no row of it is accepted.")
def add(
    *,
    file: Path,
    kind: str | None,
    source: str | None,
    source_yml: Path | None,
    settings: tuple[str, ...],
    date: dt.datetime | None,
    yes: bool,
    replace: bool,
    force: bool,
    **facts: str | None,
) -> None:
    """Check FILE, then put it under raw/, with its source.yml.

    It becomes a snapshot of a source, new or old. What the file doesn't tell is asked.
    """
    from orchestration.terminal import check as intake  # noqa: PLC0415

    request = intake.request(kind, source_yml, settings, facts, date)
    try:
        added = intake.add(console, file, request, source, yes=yes, replace=replace, force=force)
    except click.Abort as error:
        click.echo()  # ends the line of the question
        raise LedgerError(
            f"{file.name} is not added, as a question was not answered: --yes takes what is "
            "proposed without asking; options such as --source and --date state what is not"
        ) from error
    sys.exit(0 if added else 1)


@main.command(epilog=examples("init my-ledger"))
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a project in FOLDER, with raw/ for your files.

    dbt_project/ beside it holds the models.
    """
    make_project(folder)
    there = shlex.quote(str(folder))
    console.print(f"Made {there}. Now: cd {there}; genai-ledger add FILE; genai-ledger build")


@main.command(epilog=examples("refresh", "refresh ecb", "refresh exchange_rates/ecb"))
@click.argument("sources", nargs=-1, shell_complete=completion.sources)
def refresh(sources: tuple[str, ...]) -> None:
    """Download new snapshots of the remote SOURCES.

    Without names, of all that are enabled. A source is named by its folder, such as `ecb` or
    `exchange_rates/ecb`; naming one fetches it even when its source.yml does not enable it.
    """
    # The libraries of the network take a second to import.
    from orchestration.sources.refresh import refresh as refresh_sources  # noqa: PLC0415

    results = []
    columns = (TextColumn("Downloading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("", total=None, visible=False)

        def report_progress(done: int, whole: int | None) -> None:
            bar.update(task, completed=done, total=whole, visible=True)

        for result in refresh_sources(config.raw_dir(), config.home(), sources, report_progress):
            bar.update(task, visible=False)
            bar.console.print(f"{result.outcome:>9}  {result.source}: {result.sentence}")
            results.append(result)
    if not results:
        console.print("No source has a `refresh` block in its source.yml.")
    sys.exit(1 if any(result.outcome == "failed" for result in results) else 0)


@main.command("versions", epilog=examples("versions", "versions --json"))
@json_option
def list_versions(as_json: bool) -> None:
    """List the versions that are kept, with what changed in each."""
    home = _served_home()
    records = versions.listing(home)
    if as_json:
        _print_json(records)
        return
    for version in records:
        built_for = "".join(f", {name} {day}" for name, day in version["variables"].items())
        print_wrapped(
            console,
            f"{version['id']}  {version['published_at']} UTC  {version['rows']:,} rows  "
            f"{version['changed'] or 'the oldest that is kept'}{built_for}"
            f"{'  <- served' if version['is_served'] else ''}",
        )
    _note_versions(home)


@main.command(epilog=examples("rollback", "rollback 20261127T19"))
@click.argument("version", required=False, shell_complete=completion.version_ids)
def rollback(version: str | None) -> None:
    """Serve VERSION again, or the one before what is served.

    A version is named by its id or the beginning of it; `genai-ledger versions` lists them.
    """
    home = config.prepare_environment()
    from orchestration.defs.build import roll_back  # noqa: PLC0415

    served = roll_back(home, console, version)
    console.print(f"Served now: {served['id']}, published {served['published_at']} UTC.")
    _note_versions(home)


@main.command(
    epilog=examples(
        "trace company OpenAI",
        "trace model vicuna-13b",
        "trace rpt_layer_share --month 2023-02 \\\n      --layer model_platform --universe genai",
    )
)
@click.argument("what", shell_complete=completion.traceable)
@click.argument("name", required=False, shell_complete=completion.traceable_names)
@click.option("--key", "keys", multiple=True, metavar="COLUMN=VALUE", help="Any key column.")
@click.option("--figure", help="Which figure of the row; by default the first.")
@click.option("--limit", default=20, show_default=True, help="Rows shown of each part.")
@json_option
@key_options
def trace(
    what: str,
    name: str | None,
    *,
    keys: tuple[str, ...],
    figure: str | None,
    limit: int,
    as_json: bool,
    **options: str | None,
) -> None:
    """Show the raw cells that a figure is made of.

    WHAT is a report, such as rpt_layer_share, or one of company, round and model with its NAME.
    """
    home = _served_home()
    request = row_selection.parse_request(what, name, keys, options)
    with open_database(home.served) as connection:
        traces = tracing.find(connection, request, figure)
    if as_json:
        whole = [dataclasses.asdict(trace) for trace in traces]
        _print_json(whole if what in row_selection.ENTITIES else whole[0])
    else:
        show_trace(console, traces, limit)


@main.command(
    epilog=examples("diff", "diff 20261124 20261125", "diff old.duckdb new.duckdb --json")
)
@click.argument("old", required=False, shell_complete=completion.version_ids)
@click.argument("new", required=False, shell_complete=completion.version_ids)
@click.option("--limit", default=20, show_default=True, help="Lines shown of each sort.")
@json_option
def diff(*, old: str | None, new: str | None, limit: int, as_json: bool) -> None:
    """Show what differs from version OLD to NEW, cell by cell.

    Each is the id of a version, or its beginning, or the path of a published file. Without them
    what is served is compared with the version before it.
    """
    home = _served_home()
    before, after = _version(home, old), _version(home, new) if new else home.served
    if before.samefile(after):
        raise LedgerError(f"Both are the same file: {after}.")
    differences = compare(before, after)
    if as_json:
        _print_json(dataclasses.asdict(differences))
    else:
        show_diff(console, differences, limit)


def _print_json(found: object) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


def _version(home: config.Home, named: str | None) -> Path:
    if named and Path(named).is_file():
        return Path(named)
    version = versions.find(home, named) if named else versions.before_served(home)
    return versions.file(home, version)


def _show(file: Path, *, is_short: bool = False) -> None:
    try:
        found = headline.read(file, is_short=is_short)
        (headline.show if is_short else headline.show_all)(console, found)
    except NoRoundsError as nothing:
        print_wrapped(console, str(nothing))


def _note_versions(home: config.Home) -> None:
    for sentence in versions.damages(home):
        click.echo(f"Problem: {sentence}", err=True)
    if note := versions.rollback_note(home):
        print_wrapped(console, note)


def _served_home() -> config.Home:
    home = config.home()
    if not home.served.exists():
        raise LedgerError(f"{home.served} does not exist yet: run `make` first.")
    return home
