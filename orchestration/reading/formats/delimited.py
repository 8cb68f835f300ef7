"""Delimited text (csv, tsv, txt) to sheets: delimiter, quoting, line numbers."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from orchestration.reading.sheet import ReadError, Sheet, from_rows, numbered
from orchestration.sources.formats import Settings

_DELIMITERS = ",;\t|"
_SAMPLE = 100  # records that settle the delimiter and the usual number of cells
_MOST_STRAY_QUOTES = 100  # lines: a file with more of them is refused
_END = "\x1e"  # a record of our own after the last: an unclosed quotation mark swallows it


class _Record(NamedTuple):
    """A record, the line on which it starts, and how many lines it has."""

    line: int
    lines: int
    cells: list[str]


def read(text: str, settings: Settings) -> list[Sheet]:  # noqa: ARG001
    """Read one table; a row's number is the line on which its record starts."""
    # newline="" leaves \n, \r\n and a lone \r to the csv module, which knows them all.
    lines = [*io.StringIO(text, newline="")]
    delimiter, width = _find_delimiter(text, lines)
    if sheet := _regular_sheet(text, lines, delimiter, width):
        return [sheet]
    records, stray = _whole_records(lines, delimiter, width)
    findings = [*_ragged(records, width)]
    if stray:
        lines_of = numbered("line", stray)
        findings.insert(0, f"a quotation mark that is never closed was read as text: {lines_of}")
    sheet = from_rows("", [record.cells for record in records], [r.line for r in records])
    return [sheet._replace(findings=tuple(findings))]


def _regular_sheet(text: str, lines: list[str], delimiter: str, width: int) -> Sheet | None:
    """Read a text in which each line is a record of `width` cells, as most are; else None.

    Arrow understands quotation marks as the csv module does, and makes no Python text of a cell.
    """
    if not width or max(map(len, lines)) > csv.field_size_limit():
        return None
    end = "" if lines[-1].endswith(("\n", "\r")) else "\n"
    last = f"{_END}{delimiter * (width - 1)}\n"
    names = [str(number) for number in range(1, width + 1)]
    try:
        cells = pa_csv.read_csv(
            io.BytesIO((text + end + last).encode()),
            pa_csv.ReadOptions(column_names=names),
            pa_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):
        return None
    if cells.num_rows != len(lines) + 1 or cells[0][-1].as_py() != _END:
        return None
    return Sheet("", cells.slice(0, len(lines)), pa.array(np.arange(1, len(lines) + 1), pa.int32()))


def _whole_records(lines: list[str], delimiter: str, width: int) -> tuple[list[_Record], list[int]]:
    """Read the records and the lines whose stray quotation mark would have swallowed others."""
    records: list[_Record] = []
    stray: list[int] = []
    start = 0
    while len(stray) <= _MOST_STRAY_QUOTES:
        swallowing = None
        try:
            for record in _records(lines, delimiter, start):
                if _swallows(record, lines, delimiter, width):
                    swallowing = record
                    break
                records.append(record)
        except csv.Error as error:
            last = records[-1].line if records else 0
            raise ReadError(
                f"the record after line {last} can't be read ({error}); correct it"
            ) from error
        if swallowing is None:
            return records[:-1], stray
        if not _stands_alone(lines[swallowing.line - 1], delimiter, width):
            break
        plain = _plain_cells(lines[swallowing.line - 1], delimiter)
        records.append(_Record(swallowing.line, 1, plain))
        stray.append(swallowing.line)
        start = swallowing.line
    last = records[-1].line + records[-1].lines if records else 1
    raise ReadError(
        f"a quotation mark opened on or after line {last} is never closed; "
        "close it, or double it if it belongs to the text"
    )


def _records(lines: list[str], delimiter: str, start: int = 0) -> Iterator[_Record]:
    reader = csv.reader(chain(islice(lines, start, None), [_END]), delimiter=delimiter)
    line = start + 1
    for cells in reader:
        following = start + reader.line_num + 1
        yield _Record(line, following - line, cells)
        line = following


def _swallows(record: _Record, lines: list[str], delimiter: str, width: int) -> bool:
    """Whether a record's quotation mark is a stray one, which made one record of many.

    Each line alone has then as many cells as a record has, and together they are malformed.
    """
    if record.lines == 1:
        return False
    if record.cells and record.cells[-1].endswith(_END):
        return True
    inside = lines[record.line - 1 : record.line + record.lines - 1]
    return all(_stands_alone(line, delimiter, width) for line in inside) and (
        len(record.cells) != width or not _is_well_formed(inside, delimiter)
    )


def _is_well_formed(lines: list[str], delimiter: str) -> bool:
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _stands_alone(line: str, delimiter: str, width: int) -> bool:
    return width > 1 and len(_plain_cells(line, delimiter)) == width


def _plain_cells(line: str, delimiter: str) -> list[str]:
    """Cut a line at every delimiter, whatever its quotation marks."""
    cells = line.rstrip("\r\n").split(delimiter)
    return [c[1:-1] if len(c) > 1 and c[0] == c[-1] == '"' else c for c in cells]


def _find_delimiter(text: str, lines: list[str]) -> tuple[str, int]:
    """Find the delimiter that cuts the largest share of records into the same number of cells.

    Returns that number, too.
    """
    declared = [d for d in _DELIMITERS if text.startswith(f"sep={d}")]  # as Excel understands it
    best = max(declared or _DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))
    return best, _regularity(lines, best)[1]


def _regularity(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Return the share of records that have the commonest number of cells, and that number."""
    try:
        records = islice(_records(lines, delimiter), _SAMPLE)
        widths = Counter(len(r.cells) for r in records if r.cells and r.cells != [_END])
    except csv.Error:
        return (0, 0)
    shares = [(count / widths.total(), width) for width, count in widths.items() if width > 1]
    return max(shares, default=(0, 0))


def _ragged(records: Sequence[_Record], width: int) -> Iterator[str]:
    table = [record for record in records if any(record.cells)]
    longer = [record.line for record in table if len(record.cells) > max(width, 1)]
    shorter = [record.line for record in table if 1 < len(record.cells) < width]
    if longer:
        yield f"more than {width} cells, all kept: {numbered('line', longer)}"
    if shorter:
        yield f"fewer than {width} cells: {numbered('line', shorter)}"
