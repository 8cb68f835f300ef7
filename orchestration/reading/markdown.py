"""Pipe tables of Markdown documents to sheets, one a table, named by the heading above it.

Belongs here: finding tables and cutting their rows. Doesn't: rendering; a cell keeps its raw
Markdown, links and comments included.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from orchestration.reading.sheet import ReadError, Settings, Sheet, decode, from_rows

# Only blocks are parsed: the text inside a cell stays as it was written.
_PARSER = MarkdownIt("commonmark").enable("table").disable("inline")


def read(data: bytes, settings: Settings) -> list[Sheet]:
    """Read every table, or those right under the heading that `settings.heading` names."""
    text = decode(data)
    # The parser counts lines after this same folding of line ends.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tables = _tables(_PARSER.parse(text), lines)
    if settings.heading is None:
        return tables
    chosen = [table for table in tables if _folded(table.name) == _folded(settings.heading)]
    if not chosen:
        headings = ", ".join(repr(table.name) for table in tables) or "no tables at all"
        raise ReadError(
            f"there is no table under the heading {settings.heading!r}, which source.yml names; "
            f"there are tables under {headings}"
        )
    return chosen


def _tables(tokens: list[Token], lines: list[str]) -> list[Sheet]:
    tables, numbers, heading = [], [], ""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following:
            heading = following.content
        elif token.type == "tr_open" and token.map:
            numbers.append(token.map[0] + 1)
        elif token.type == "table_close":
            rows = [_cells(lines[number - 1]) for number in numbers]
            tables.append(from_rows(heading, rows, numbers))
            numbers = []
    return tables


def _cells(line: str) -> list[str]:
    # The raw line, because the parser drops cells to the right of the header's last.
    line = line.strip()
    cells = [str(cell) for cell in escapedSplit(line)]
    first = 1 if line.startswith("|") else 0
    last = len(cells) - 1 if line.endswith("|") and not line.endswith("\\|") else len(cells)
    return cells[first:last]


def _folded(heading: str) -> str:
    return " ".join(heading.casefold().split())
