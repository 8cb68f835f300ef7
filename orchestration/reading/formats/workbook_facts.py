"""What the forms of workbooks have in common, beside their cells.

Belongs here: the facts of a sheet, and what is done to any of the zip archives. Doesn't: how a form
writes the facts down (workbook_xml, binary_workbook, open_document_xml).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from orchestration.reading.formats.merged import Range

# What a damaged archive and its parts may raise; whether the file can be read at all is then for
# the library to say.
BROKEN: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, zlib.error, struct.error, etree.LxmlError),
    *(LookupError, ValueError, EOFError, RuntimeError),
)


class SheetFacts(NamedTuple):
    """Facts of one sheet; `unvalued` are addresses of formulas without a stored value."""

    merged: tuple[Range, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    unvalued: tuple[str, ...] = ()


def repacked(archive: zipfile.ZipFile, parts: Mapping[str, bytes]) -> bytes:
    """Return a copy of an archive with some parts replaced."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(name, parts[name] if name in parts else archive.read(name))
    return whole.getvalue()
