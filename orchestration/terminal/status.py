"""`genai-ledger status` on the terminal: a table of sources, then what else there is to know."""

from __future__ import annotations

import json

from rich.console import Console
from rich.text import Text

from orchestration.defs.status import Status
from orchestration.terminal.layout import Column, print_table, print_wrapped

_COLOURS = {"fresh": "green", "frozen": "", "awaiting consent": "", "late": "yellow"}


def as_json(status: Status) -> str:
    """Return all of it for programs."""
    whole = status._asdict()
    for name in ("sources", "runs"):
        whole[name] = [record._asdict() for record in whole[name]]
    for source in whole["sources"]:
        source["landed"] = source["landed"]._asdict()
    whole["scheduler"] = status.scheduler._asdict()
    return json.dumps(whole, ensure_ascii=False, indent=2, default=str)


def show(console: Console, status: Status) -> None:
    """Print how all stands, and last what somebody has to look after."""
    columns = (
        Column("Source"),
        Column("Snapshot", drop=4),
        Column("Newest row", drop=3),
        Column("Cadence", drop=1),
        Column("State"),
        Column("Why", drop=2, wraps=True),
    )
    rows = [
        (
            Text(source.name),
            str(source.landed.snapshot_date or "none"),
            str(source.landed.newest_row or "no dates"),
            source.cadence,
            Text(source.state, style=_COLOURS.get(source.state, "red")),
            Text(source.why),
        )
        for source in status.sources
    ]
    print_table(console, columns, rows)
    console.print()
    served = f"{status.version}, since {status.published_at} UTC" if status.version else "nothing"
    beat = status.scheduler.last_heartbeat
    since = f", last heard of {beat:%Y-%m-%d %H:%M:%S} UTC" if beat else ""
    ended = [
        f"{run.job.replace('_', ' ')} {'went well' if run.succeeded else 'failed'}, "
        f"{run.ended_at:%Y-%m-%d %H:%M} UTC"
        for run in status.runs
    ]
    disk = f"{status.used_bytes / 1e6:,.0f} MB used, {status.free_bytes / 1e9:,.1f} GB free"
    for name, fact in (
        ("Served", served),
        *(("Last run", run) for run in ended),
        ("Scheduler", f"{status.scheduler.state}{since}"),
        ("Next build", f"{status.next_build:%Y-%m-%d %H:%M %Z}"),
        ("Disk", disk),
    ):
        print_wrapped(console, f"{name + ':':<11} {fact}", hanging=12)
    console.print()
    for sentence in status.incidents.values():
        print_wrapped(console, f"To look after: {sentence}", style="red")
    if not status.incidents:
        console.print("All is well.", style="green")
