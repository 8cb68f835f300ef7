"""`check` and `add` from start to end: what is looked at, asked, printed and placed, in order.

Belongs here: the order of things and exit codes. Doesn't: arguments of the commands (cli), or
anything that one of the other modules of this package does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from orchestration import config
from orchestration.errors import LedgerError
from orchestration.intake import copy_to_raw, proposal
from orchestration.intake.inspection import (
    Asked,
    IntakeError,
    Look,
    described,
    headers,
    headers_of,
    look,
    restated,
)
from orchestration.sources.kinds import Kind, read_kinds
from orchestration.sources.source_yml import nearest
from orchestration.terminal import check as check_view


def asked(
    kind: str | None,
    source_yml: Path | None,
    facts: Mapping[str, str | None],
    date: str | None = None,
) -> Asked:
    """Return what the analyst asked for; a wrong option is a usage error."""
    kinds = _kinds()
    if kind and kind not in kinds:
        raise click.UsageError(f"--kind: {kind!r} is not a kind; {nearest(kind, kinds)}")
    stated = {name: value for name, value in facts.items() if value is not None}
    if source_yml and stated:
        raise click.UsageError(f"--{next(iter(stated))}: the file of --source-yml states it")
    return Asked(kind, check_view.day(date) if date else None, source_yml, stated)


def check(console: Console, path: Path, given: Asked, write: Path | None, *, as_json: bool) -> int:
    """Show what would become of a file; return the exit code."""
    if write and write.exists():
        raise click.ClickException(f"{write} is there already; name another file to write")
    try:
        found = _look(path, described(path.absolute().parent, _kinds(), given))
    except (IntakeError, LedgerError) as error:
        if as_json:
            click.echo(json.dumps({"file": path.name, "problem": str(error)}))
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(found.report, ensure_ascii=False, indent=2))
    else:
        check_view.show(console, found.report)
    if write:
        write.write_text(found.report["source_yml"], encoding="utf-8")
        click.echo(f"Written: {write}", err=True)
    return _verdict(found)


def add(
    console: Console,
    path: Path,
    given: Asked,
    source: str | None,
    *,
    yes: bool,
    replace: bool,
    force: bool,
) -> int:
    """Show what would become of a file, ask for what it doesn't tell, place it; return the code."""
    raw_dir, kinds = config.raw_dir(), _kinds()
    name = proposal.source_name(path.name) if source is None else source
    if source is None and not yes:
        name = click.prompt("The source's folder", default=name)
    try:
        wanted = _with_source(raw_dir, kinds, name, given)
        found = _look(path, wanted)
        check_view.show(console, found.report)
        if _verdict(found) and not force:
            return 1
        if not yes:
            found = _answered(path, found, wanted)
        where = copy_to_raw.target(raw_dir, found.kind.name, name, found.on, path)
        _tell_drift(where, found)
        shown = (where.folder / where.file).relative_to(raw_dir.parent)
        if not yes and not click.confirm(f"Put it at {shown}?", default=True):
            return 1
        copy_to_raw.place(found, where, replace=replace)
    except (IntakeError, LedgerError) as error:
        raise click.ClickException(str(error)) from error
    console.print(f"Added {shown}. Next: `make` builds the warehouse with it.", markup=False)
    return 0


def _kinds() -> dict[str, Kind]:
    return read_kinds(config.KINDS_FILE)


def _look(path: Path, given: Asked) -> Look:
    # On standard error, so that what is printed can be piped.
    with Console(stderr=True).status("Looking") as status:
        return look(path, _kinds(), config.prepare_environment(), given, status.update)


def _verdict(found: Look) -> int:
    if found.report["problem"]:
        click.echo(f"Error: {found.report['file']}: {found.report['problem']}", err=True)
    return 1 if found.report["problem"] else 0


def _with_source(raw_dir: Path, kinds: Mapping[str, Kind], name: str, given: Asked) -> Asked:
    """Use the source.yml of the source, where one of the name exists in a kind that fits."""
    for kind in kinds:
        found = described(raw_dir / kind / name, kinds, given._replace(source_yml=None))
        if found.source_yml and given.source_yml:
            raise IntakeError(
                f"{found.source_yml} describes the source already: change it there, and leave out "
                "--source-yml"
            )
        if found.source_yml:
            return found
    return given


def _answered(path: Path, found: Look, wanted: Asked) -> Look:
    """Ask for the day, and for the facts of a source that is new."""
    on = wanted.on or click.prompt(
        "The day it describes", default=found.on.isoformat(), value_proc=check_view.day
    )
    facts = {} if wanted.source_yml else check_view.ask(found.facts, wanted.stated)
    wanted = wanted._replace(on=on, stated={**wanted.stated, **facts})
    # Rules may compare with the day: another one is judged anew.
    return restated(found, wanted) if on == found.on else _look(path, wanted)


def _tell_drift(where: copy_to_raw.Target, found: Look) -> None:
    """Say how the headers differ from those of the source's last snapshot."""
    last = max(copy_to_raw.snapshots(where), default=None)
    if last is None:
        return
    try:
        before = headers(last, found.kind, where.source_yml)
    except (IntakeError, LedgerError) as error:
        click.echo(f"Not compared with {last.name}: {error}", err=True)
        return
    for sentence in copy_to_raw.drift(before, headers_of(found.report["sheets"])):
        click.echo(f"Compared with {last.name}: {sentence}")
