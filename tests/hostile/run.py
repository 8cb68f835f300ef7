"""`make hostile`: judge every case and print the figures as a table."""

from __future__ import annotations

import sys

import archives
import files
import texts
import workbooks
from judge import Verdict, judge
from rich.console import Console
from rich.progress import track
from rich.table import Table

PARTS = (*archives.PARTS, *workbooks.PARTS, *texts.PARTS, *files.PARTS)

SECONDS = 20  # a case, on a machine that does nothing else


def show(console: Console, verdicts: list[Verdict]) -> None:
    """Print a line a case, and the summary."""
    table = Table("case", "became", "seconds", "parent MB", "child MB", "sentence")
    for name in ("seconds", "parent MB", "child MB"):
        next(c for c in table.columns if c.header == name).justify = "right"
    for v in verdicts:
        wrong = _wrong(v)
        became = "[red]WRONG[/]" if wrong else "refused" if v.sentence else f"{v.rows:,} rows"
        said = f"{wrong}: {v.sentence}" if wrong else v.sentence
        figures = (f"{v.seconds:.2f}", f"{v.parent_mb:,.0f}", f"{v.child_mb:,.0f}")
        shown = ascii(f"{v.case.group}: {v.case.name}")[1:-1]
        table.add_row(shown, became, *figures, (said or "").replace("[", "\\["))
    console.print(table)
    failures = [v for v in verdicts if _wrong(v)]
    console.print(
        f"{len(verdicts):,} cases: {sum(bool(v.sentence) for v in verdicts):,} refused, "
        f"{sum(not v.sentence for v in verdicts):,} read, {len(failures):,} wrong. "
        f"At most {max(v.seconds for v in verdicts):.1f} s a case, "
        f"{max(v.parent_mb for v in verdicts):,.0f} MB more in the parent, "
        f"{max(v.child_mb for v in verdicts):,.0f} MB in the child."
    )


def _wrong(verdict: Verdict) -> str | None:
    slow = f"took over {SECONDS} s" if verdict.seconds > SECONDS else None
    return verdict.failure or slow


def main() -> None:
    """Judge the cases whose names hold the arguments, else all."""
    console = Console(width=200)
    wanted = [
        case
        for part in PARTS
        for case in part()
        if all(word in f"{case.group}: {case.name}" for word in sys.argv[1:])
    ]
    verdicts = [judge(case) for case in track(wanted, "Hostile files", console=console)]
    show(console, verdicts)
    sys.exit(any(_wrong(verdict) for verdict in verdicts))


if __name__ == "__main__":
    main()
