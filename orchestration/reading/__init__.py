"""Files to sheets of text cells: nothing is inferred, nothing is interpreted.

Belongs here: which reader an ending calls for. Each format has a module; `header` finds a
sheet's header and says which column is which; `rows` takes the rows below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.reading import checks
from orchestration.reading.formats import delimited, html, json, markdown, parquet, spreadsheet
from orchestration.reading.sheet import ReadError, Settings, Sheet, Units, Unpivot, clean

__all__ = [
    "READERS",
    "VERSION",
    "ReadError",
    "Settings",
    "Sheet",
    "Units",
    "Unpivot",
    "can_read",
    "read_sheets",
]

VERSION = "5"  # bump when the same bytes would be read differently: every file then lands anew

Reader = Callable[[bytes, Settings], list[Sheet]]
READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), spreadsheet.read),
    **dict.fromkeys((".csv", ".tsv", ".txt"), delimited.read),
    ".md": markdown.read,
    **dict.fromkeys((".html", ".htm"), html.read),
    ".parquet": parquet.read,
    **dict.fromkeys((".json", ".jsonl"), json.read),
}


def can_read(name: str) -> bool:
    """Whether a file of this name, possibly compressed, is of a format that has a reader."""
    ending, wrapping = checks.endings(name)
    return ending in READERS or (wrapping == ".zip" and not ending)


def read_sheets(path: Path, settings: Settings, data: bytes | None = None) -> list[Sheet]:
    """Read a file (or its bytes, when the caller has them) as sheets of stripped text cells.

    Blank rows are left out; row numbers stay true. A compressed file is read as the one in it.
    Raises ReadError with one sentence that doesn't name the file.
    """
    data = checks.read_bytes(path) if data is None else data
    named, data = checks.unwrap(path.name, data)
    ending, finding = checks.identify(named, data)
    if ending not in READERS:
        raise ReadError(f"files of the format {ending!r} can't be read; save it as .csv or .xlsx")
    sheets = READERS[ending](data, settings)
    for sheet in sheets:
        checks.check_cells(sheet)
    sheets = [clean(sheet, settings.empty_values) for sheet in sheets]
    found = (finding,) if finding else ()
    return [sheet._replace(findings=found + sheet.findings) for sheet in sheets]
