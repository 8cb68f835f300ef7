"""Pipe tables of Markdown documents to sheets, one a table, named by the heading above it.

Nothing is rendered: a cell keeps its raw Markdown, links and comments included.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from orchestration.config import LIMITS
from orchestration.reading.formats import html
from orchestration.reading.sheet import ReadError, Sheet, choose_tables, from_rows
from orchestration.sources.formats import Settings

# Only blocks are parsed: the text inside a cell stays as it was written.
_PARSER = MarkdownIt("commonmark").enable("table").disable("inline")
_DELIMITER_ROW = re.compile(r"^ {0,3}(?=.*\|)\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


def read(text: str, settings: Settings) -> list[Sheet]:
    """Read every table, or those right under the heading that `settings.heading` names."""
    # The parser counts lines after this same folding of line ends.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    longest = max(lines, key=len)
    if len(longest) > LIMITS.cell_bytes:  # the parser's time grows faster than a line
        raise ReadError(
            f"line {lines.index(longest) + 1:,} has {len(longest):,} characters, more than any "
            "row of a table; split it"
        )
    tables = _tables(_PARSER.parse("\n".join(_evened(lines))), lines)
    if not tables and "<table" in text.casefold():  # as Markdown allows
        return html.read(text, settings)
    if not tables:
        raise ReadError(
            "there is no table in it, and bullets and paragraphs are not read; write its entries "
            "as a table, such as `| Company | Date | Amount |`, a row each"
        )
    return choose_tables(tables, settings.heading)


def _evened(lines: Sequence[str]) -> list[str]:
    """Give each delimiter row as many cells as the header above it.

    Markdown takes a table with an uneven delimiter row for a paragraph; its author didn't.
    """
    evened = list(lines)
    for index, line in enumerate(lines[1:], start=1):
        header = lines[index - 1]
        if "|" in header and _DELIMITER_ROW.match(line):
            evened[index] = " | ".join(["---"] * len(_cells(header)))
            if len(_cells(header)) == 1:
                evened[index] = "| --- |"
    return evened


def _tables(tokens: list[Token], lines: list[str]) -> list[Sheet]:
    tables, numbers, heading = [], [], ""
    for token, following in zip_longest(tokens, tokens[1:]):
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
