"""Files to sheets of text cells: nothing is inferred, nothing is interpreted.

Belongs here: which reader a file calls for. `checks` says whether it may be read, `formats` has a
module a format; of a sheet, `tables` and `header` find its tables and their headers, `rows` and
`row_roles` take what is below them. Doesn't: what a text means (parsing), or any trace of a file
besides its rows (landing).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.reading import checks
from orchestration.reading.formats import delimited, html, json, markdown, parquet, spreadsheet
from orchestration.reading.formats.encoding import decode
from orchestration.reading.sheet import ReadError, Sheet, clean
from orchestration.sources.formats import FORMATS, Settings

__all__ = ["ReadError", "Sheet", "read_sheets"]

_READERS_OF_BYTES: Mapping[str, Callable[[bytes, Settings], list[Sheet]]] = {
    "spreadsheet": spreadsheet.read,
    "parquet": parquet.read,
}
_READERS_OF_TEXT: Mapping[str, Callable[[str, Settings], list[Sheet]]] = {
    "delimited": delimited.read,
    "html": html.read,
    "json": json.read,
    "markdown": markdown.read,
}
_FORMATS = {ending: name for name, endings in FORMATS.items() for ending in endings}


def read_sheets(path: Path, settings: Settings, data: bytes | None = None) -> list[Sheet]:
    """Read a file (or its bytes, when the caller has them) as sheets of stripped text cells.

    Blank rows are left out; row numbers stay true. A compressed file is read as the one in it.
    Raises ReadError with one sentence that doesn't name the file.
    """
    data = path.read_bytes() if data is None else data
    ending, data = checks.unwrap(path.name, data)
    ending, findings = checks.identify(ending, data)
    name = _FORMATS.get(ending, "")
    if name in _READERS_OF_TEXT:
        text, undecoded = decode(data, settings.encoding)
        findings += undecoded
        sheets = _READERS_OF_TEXT[name](text, settings)
    elif name:
        sheets = _READERS_OF_BYTES[name](data, settings)
    else:
        raise ReadError(f"files of the format {ending!r} can't be read; save it as .csv or .xlsx")
    for sheet in sheets:
        checks.check_cells(sheet)
    cleaned = [clean(sheet, settings.empty_values) for sheet in sheets]
    return [sheet._replace(findings=findings + sheet.findings) for sheet in cleaned]
