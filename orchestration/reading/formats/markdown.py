"""Pipe tables of Markdown documents to sheets, one a table, named by the heading above it.

Belongs here: finding tables and cutting their rows. Doesn't: rendering; a cell keeps its raw
Markdown, links and comments included.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from orchestration.config import LIMITS
from orchestration.reading.formats.encoding import decode
from orchestration.reading.sheet import ReadError, Sheet, from_rows, named_apart, under_heading
from orchestration.sources.formats import Settings

# Only blocks are parsed: the text inside a cell stays as it was written.
_PARSER = MarkdownIt("commonmark").enable("table").disable("inline")
_DELIMITER_ROW = re.compile(r"^ {0,3}(?=.*\|)\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


def read(data: bytes, settings: Settings) -> list[Sheet]:
    """Read every table, or those right under the heading that `settings.heading` names."""
    text, findings = decode(data, settings.encoding)
    # The parser counts lines after this same folding of line ends.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    longest = max(lines, key=len)
    if len(longest) > LIMITS.cell_bytes:  # the parser's time grows faster than a line
        raise ReadError(
            f"line {lines.index(longest) + 1:,} has {len(longest):,} characters, more than any "
            "row of a table; split it"
        )
    tables = _tables(_PARSER.parse("\n".join(_evened(lines))), lines, findings)
    return named_apart(under_heading(tables, settings.heading))


def _evened(lines: Sequence[str]) -> list[str]:
    """Give each delimiter row as many cells as the header above it.

    Markdown takes a table with an uneven delimiter row for a paragraph; its author didn't.
    """
    evened = list(lines)
    for place, line in enumerate(lines[1:], start=1):
        header = lines[place - 1]
        if "|" in header and _DELIMITER_ROW.match(line):
            evened[place] = " | ".join(["---"] * len(_cells(header)))
            if len(_cells(header)) == 1:
                evened[place] = "| --- |"
    return evened


def _tables(tokens: list[Token], lines: list[str], findings: Sequence[str]) -> list[Sheet]:
    tables, numbers, heading = [], [], ""
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.type == "heading_open" and following:
            heading = following.content
        elif token.type == "tr_open" and token.map:
            numbers.append(token.map[0] + 1)
        elif token.type == "table_close":
            rows = [_cells(lines[number - 1]) for number in numbers]
            tables.append(from_rows(heading, rows, numbers, findings))
            numbers = []
    return tables


def _cells(line: str) -> list[str]:
    # The raw line, because the parser drops cells to the right of the header's last.
    line = line.strip()
    cells = [str(cell) for cell in escapedSplit(line)]
    first = 1 if line.startswith("|") else 0
    last = len(cells) - 1 if line.endswith("|") and not line.endswith("\\|") else len(cells)
    return cells[first:last]
