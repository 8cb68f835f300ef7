"""The analyst's commands, such as `genai-ledger build`, `check FILE`, `versions`, `rollback`.

Belongs here: arguments, what is printed, exit codes. The work itself is in the other modules; a
user's mistake is one sentence on the terminal, never a stack trace.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import duckdb
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from orchestration import config, files
from orchestration.errors import LedgerError
from orchestration.lineage import row_selection
from orchestration.lineage import trace as tracing
from orchestration.lineage.diff import NotComparableError, compare
from orchestration.publication import versions
from orchestration.report import documents
from orchestration.report.scope import NoRoundsError
from orchestration.terminal import summary as headline
from orchestration.terminal.diff import show as show_comparison
from orchestration.terminal.trace import show as show_trace

console = Console(highlight=False, soft_wrap=True)
DAY = click.DateTime(["%Y-%m-%d"])


def key_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each key that a report may have."""
    for option in reversed(row_selection.OPTIONS):
        command = click.option(f"--{option}", metavar="VALUE", help=f"The row's {option}.")(command)
    return command


@click.group()
def main() -> None:
    """Answer who gets the GenAI money, and who ships the models, from raw spreadsheets."""


@main.command()
@click.option("--force", is_flag=True, help="Build and publish even when nothing has changed.")
@click.option("--known-by", type=DAY, help="Use only snapshots taken on or before this day.")
@click.option("--as-of", type=DAY, help="The last day to speak of, instead of the newest event's.")
def build(force: bool, known_by: dt.datetime | None, as_of: dt.datetime | None) -> None:
    """Land what changed in raw/, build and audit the marts, publish, and print the headline.

    With --known-by or --as-of the result is kept as a version and shown; what is served stays.
    """
    started = time.monotonic()
    asked = {"known_by": known_by, "as_of": as_of}
    variables = {name: f"{day:%Y-%m-%d}" for name, day in asked.items() if day}
    with _full_disk_is_a_sentence():
        place = config.prepare_environment()
        # Dagster and dbt take seconds to import: only the commands that run them pay for it.
        from orchestration.defs.build import build_warehouse  # noqa: PLC0415

        problems = build_warehouse(place, config.raw_dir(), console, variables, force=force)
    console.print()
    shown = None if variables and problems else versions.shown(place, variables)
    if shown and shown[0].exists():
        file, report = shown
        _show_headline(file)
        console.print(f"{'Kept, not served:' if variables else 'Served file:'} {file}")
        if report.exists():
            console.print(f"Report:      {report}")
        console.print(f"Docs:        {place.docs}")
        console.print(f"Exports:     {place.exports}")
        _note_rollback(place)
    console.print(f"Took {time.monotonic() - started:,.1f} s.")
    for problem in problems:
        click.echo(f"Problem: {problem}", err=True)
    sys.exit(1 if problems else 0)


@main.command()
def summary() -> None:
    """Print the headline figures of the served file."""
    place = config.home()
    _need_served(place)
    with contextlib.suppress(BrokenPipeError):
        _show_headline(place.served)
        _note_rollback(place)


@main.command()
@click.option("--check", is_flag=True, help="Only say whether the documents are up to date.")
def readme(check: bool) -> None:
    """Write the figures of the served file into README.md and docs/data-quality.md."""
    place = config.home()
    _need_served(place)
    stale = documents.refresh(config.PROJECT, place.served, write=not check)
    if stale and check:
        raise click.ClickException(
            f"The figures of {' and '.join(stale)} differ from the served file: run `make readme`."
        )
    console.print(f"Rewritten: {', '.join(stale)}" if stale else "The documents are up to date.")


@main.command()
def prepare() -> None:
    """Parse the dbt project, for the tools that read its manifest."""
    home = config.prepare_environment()
    from orchestration.defs.dbt_project import prepare_manifest  # noqa: PLC0415

    prepare_manifest(home)


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port on this machine only.")
def ui(port: int) -> None:
    """Open Dagster's UI on the assets, their checks and runs."""
    config.prepare_environment()
    address = ["--host", "127.0.0.1", "--port", str(port)]
    command = [str(Path(sys.executable).with_name("dg")), "dev", *address]
    sys.exit(subprocess.run(command, check=False, cwd=config.PROJECT).returncode)


@main.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--kind", help="What the rows are; guessed from the headers otherwise.")
@click.option("--source-yml", type=click.Path(exists=True, path_type=Path), help="Try this one.")
@click.option("--cadence", help="When a newer file is due, such as 7d: is this one late?")
@click.option("--write", type=click.Path(path_type=Path), help="Write the proposed source.yml.")
@click.option("--json", "as_json", is_flag=True, help="Print as report_schema.json describes.")
def check(
    *,
    file: Path,
    kind: str | None,
    source_yml: Path | None,
    cadence: str | None,
    write: Path | None,
    as_json: bool,
) -> None:
    """Show what would be read of FILE, accepted and rejected, and propose a source.yml.

    Nothing is changed. The exit code is 1 when the file can't be used.
    """
    from orchestration.intake import session  # noqa: PLC0415

    asked = session.asked(kind, source_yml, {"cadence": cadence})
    sys.exit(session.check(console, file, asked, write, as_json=as_json))


@main.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--kind", help="What the rows are; guessed from the headers otherwise.")
@click.option("--source", help="Folder of the source, new or old; from the file's name otherwise.")
@click.option("--source-yml", type=click.Path(exists=True, path_type=Path), help="Use this one.")
@click.option("--date", help="Day that the file describes, as 2026-11-23.")
@click.option("--title", help="The source's name in a few words.")
@click.option("--producer", help="Who made it.")
@click.option("--url", help="The address it was taken from.")
@click.option("--licence", help="Its licence.")
@click.option("--contents", help="What is and isn't in it.")
@click.option("--cadence", help="When a newer one is due: 7d, 4w, or frozen.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what the file tells.")
@click.option("--replace", is_flag=True, help="Take the place of the snapshot of the same day.")
@click.option("--force", is_flag=True, help="Add it even if no row of it is accepted.")
def add(
    *,
    file: Path,
    kind: str | None,
    source: str | None,
    source_yml: Path | None,
    date: str | None,
    yes: bool,
    replace: bool,
    force: bool,
    **facts: str | None,
) -> None:
    """Check FILE, then put it under raw/ as a snapshot of a source, with its source.yml."""
    from orchestration.intake import session  # noqa: PLC0415

    asked = session.asked(kind, source_yml, facts, date)
    sys.exit(session.add(console, file, asked, source, yes=yes, replace=replace, force=force))


@main.command()
@click.argument("sources", nargs=-1)
def refresh(sources: tuple[str, ...]) -> None:
    """Download new snapshots of the remote SOURCES that are enabled, or of those named.

    A source is named by its folder, such as `ecb` or `exchange_rates/ecb`; naming one fetches it
    even when its source.yml does not enable it.
    """
    # The libraries of the network take a second to import.
    from orchestration.sources.refresh import refresh as refresh_sources  # noqa: PLC0415

    results = []
    columns = (TextColumn("Downloading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("", total=None, visible=False)

        def report(done: int, whole: int | None) -> None:
            bar.update(task, completed=done, total=whole, visible=True)

        try:
            for result in refresh_sources(config.raw_dir(), config.home(), sources, report):
                bar.update(task, visible=False)
                say = bar.console.print
                say(f"{result.outcome:>9}  {result.source}: {result.sentence}", markup=False)
                results.append(result)
        except LedgerError as error:
            raise click.ClickException(str(error)) from None
    if not results:
        console.print("No source has a `refresh` block in its source.yml.")
    sys.exit(1 if any(result.outcome == "failed" for result in results) else 0)


@main.command("versions")
def list_versions() -> None:
    """List the versions that are kept, newest first, with what changed in each."""
    place = config.home()
    _need_served(place)
    for line in versions.listing(place):
        console.print(line, markup=False)
    _note_rollback(place)


@main.command()
@click.argument("version", required=False)
def rollback(version: str | None) -> None:
    """Serve VERSION again (an id or its beginning), or the one before what is served."""
    with _full_disk_is_a_sentence():
        place = config.prepare_environment()
        from orchestration.defs.build import roll_back  # noqa: PLC0415

        try:
            served = roll_back(place, console, version)
        except versions.VersionError as error:
            raise click.ClickException(str(error)) from None
    console.print(f"Served now: {served['id']}, published {served['published_at']} UTC.")
    _note_rollback(place)


@main.command()
@click.argument("what")
@click.argument("name", required=False)
@click.option("--key", "keys", multiple=True, metavar="COLUMN=VALUE", help="Any key column.")
@click.option("--figure", help="Which figure of the row; the main one by default.")
@click.option("--limit", default=20, show_default=True, help="Rows shown of each part.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs (docs/trace.md).")
@key_options
def trace(
    what: str,
    name: str | None,
    *,
    keys: tuple[str, ...],
    figure: str | None,
    limit: int,
    as_json: bool,
    **given: str | None,
) -> None:
    """Show the raw cells that a figure is made of.

    WHAT is a report, such as rpt_layer_share, or one of company, round and model with its NAME.
    """
    place = config.home()
    _need_served(place)
    try:
        report, asked = row_selection.asked(what, name, keys, given)
        with duckdb.connect(str(place.served), read_only=True) as connection:
            found = tracing.find(connection, report, asked, figure)
    except row_selection.NotFoundError as error:
        raise click.ClickException(str(error)) from None
    except duckdb.CatalogException:
        raise click.ClickException(
            "The served file is from before raw cells were kept in it: run `make` first."
        ) from None
    with contextlib.suppress(BrokenPipeError):
        if as_json:
            whole = found if what in row_selection.ENTITIES else found[0]
            click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        else:
            show_trace(console, found, limit)


@main.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--limit", default=20, show_default=True, help="Lines shown of each sort.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs (docs/trace.md).")
def diff(*, old: str | None, new: str | None, limit: int, as_json: bool) -> None:
    """Show what differs from version OLD to NEW, down to the raw cells that made it differ.

    Each is the id of a version, or its beginning, or the path of a published file. Without them
    what is served is compared with the version before it.
    """
    place = config.home()
    _need_served(place)
    try:
        before, after = _version(place, old), _version(place, new) if new else place.served
        if before.samefile(after):
            raise click.ClickException(f"Both are the same file: {after}.")
        found = compare(before, after)
    except (versions.VersionError, NotComparableError) as error:
        raise click.ClickException(str(error)) from None
    with contextlib.suppress(BrokenPipeError):
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            show_comparison(console, found, limit)


def _version(place: config.Home, named: str | None) -> Path:
    if named and Path(named).is_file():
        return Path(named)
    found = versions.find(place, named) if named else versions.before_served(place)
    return versions.file(place, found)


@contextlib.contextmanager
def _full_disk_is_a_sentence() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if sentence := files.full_disk(config.home().path, error):
            raise click.ClickException(sentence) from None
        if isinstance(error, LedgerError):
            raise click.ClickException(str(error)) from None
        raise


def _show_headline(file: Path) -> None:
    try:
        headline.show(console, file)
    except NoRoundsError as nothing:
        console.print(str(nothing))


def _note_rollback(place: config.Home) -> None:
    if note := versions.rollback_note(place):
        console.print(note)


def _need_served(place: config.Home) -> None:
    if not place.served.exists():
        raise click.ClickException(f"{place.served} does not exist yet: run `make` first.")
