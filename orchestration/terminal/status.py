"""`genai-ledger status` on the terminal: a table of sources, then what else there is to know."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.defs.status import Status

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
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("Source", "Snapshot", "Newest row", "Cadence", "State"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Why", overflow="fold", min_width=40)
    for source in status.sources:
        landed = source.landed
        table.add_row(
            Text(source.name),
            str(landed.snapshot_date or "none"),
            str(landed.newest_row or "no dates"),
            source.cadence,
            Text(source.state, style=_COLOURS.get(source.state, "red")),
            Text(source.why),
        )
    console.print(table, soft_wrap=False, crop=False, width=max(console.width, 130))
    console.print()
    served = f"{status.version}, since {status.published_at} UTC" if status.version else "nothing"
    console.print(f"Served:     {served}")
    for run in status.runs:
        outcome = "went well" if run.succeeded else "failed"
        console.print(f"Last run:   {run.job} {outcome}, {run.ended_at:%Y-%m-%d %H:%M} UTC")
    beat = status.scheduler.last_heartbeat
    since = f", last heard of {beat:%Y-%m-%d %H:%M:%S} UTC" if beat else ""
    console.print(f"Scheduler:  {status.scheduler.state}{since}")
    console.print(f"Next build: {status.next_build:%Y-%m-%d %H:%M %Z}")
    console.print(f"Disk:       {status.used_bytes / 1e6:,.0f} MB used", end="")
    console.print(f", {status.free_bytes / 1e9:,.1f} GB free")
    console.print()
    for sentence in status.incidents.values():
        console.print(f"To look after: {sentence}", style="red")
    if not status.incidents:
        console.print("All is well.", style="green")
