"""Files to sheets of text cells: nothing is inferred, nothing is interpreted.

Belongs here: which reader an ending calls for. Each format has a module; `header` finds a
sheet's header and says which column is which; `rows` takes the rows below it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

from orchestration.reading import delimited, json, markdown, spreadsheet
from orchestration.reading.sheet import ReadError, Settings, Sheet, Units, Unpivot, clean

__all__ = [
    "READERS",
    "VERSION",
    "ReadError",
    "Settings",
    "Sheet",
    "Units",
    "Unpivot",
    "read_sheets",
    "unwrap",
]

VERSION = "1"  # bump when the same bytes would be read differently: every file then lands anew

Reader = Callable[[bytes, Settings], list[Sheet]]
READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsb", ".ods"), spreadsheet.read),
    **dict.fromkeys((".csv", ".tsv", ".txt"), delimited.read),
    ".md": markdown.read,
    **dict.fromkeys((".json", ".jsonl"), json.read),
}


def read_sheets(path: Path, settings: Settings, data: bytes | None = None) -> list[Sheet]:
    """Read a file (or its bytes, when the caller has them) as sheets of stripped text cells.

    Blank rows are left out; row numbers stay true. A .zip is read as the one file in it.
    Raises ReadError with one sentence that doesn't name the file.
    """
    data = path.read_bytes() if data is None else data
    ending, data = unwrap(path.suffix.lower(), data)
    if ending not in READERS:
        raise ReadError(f"the ending {ending!r} is not one of {', '.join(READERS)}")
    return [clean(sheet, settings.empty_values) for sheet in READERS[ending](data, settings)]


def unwrap(ending: str, data: bytes) -> tuple[str, bytes]:
    """Return ending and bytes of the one file in a .zip; any other file's own."""
    if ending != ".zip":
        return ending, data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            [member] = archive.namelist()
            return PurePath(member).suffix.lower(), archive.read(member)
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:
        raise ReadError("the zip file must hold one file, undamaged, without password") from error
