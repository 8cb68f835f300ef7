"""Files to sheets of text cells: nothing is inferred, nothing is interpreted.

Belongs here: which reader an ending calls for. Each format has a module; `header` finds a
sheet's header and says which column is which; `rows` takes the rows below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.reading import checks
from orchestration.reading.formats import delimited, html, json, markdown, parquet, spreadsheet
from orchestration.reading.sheet import ReadError, Sheet, clean
from orchestration.sources.formats import FORMATS, Settings

__all__ = ["READERS", "ReadError", "Sheet", "read_sheets"]

Reader = Callable[[bytes, Settings], list[Sheet]]
_READERS_BY_FORMAT: Mapping[str, Reader] = {
    "spreadsheet": spreadsheet.read,
    "delimited": delimited.read,
    "markdown": markdown.read,
    "html": html.read,
    "parquet": parquet.read,
    "json": json.read,
}
READERS: Mapping[str, Reader] = {
    ending: _READERS_BY_FORMAT[name] for name, endings in FORMATS.items() for ending in endings
}


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
