"""Tables of HTML pages to sheets, one a table, named by its caption or the heading above it.

Nothing that a page names is run or fetched; what looks like a script in a cell is text.
"""

from collections.abc import Iterator

import lxml.html as lxml_html
from lxml import etree

from orchestration.reading.sheet import (
    Range,
    ReadError,
    Sheet,
    choose_tables,
    fill_merged,
    from_rows,
)
from orchestration.sources.formats import Settings

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_WIDEST_SPAN = 1000  # columns, as browsers have it


def read(text: str, settings: Settings) -> list[Sheet]:
    """Read every table, or those that `settings.heading` names; rows are numbered in a table.

    A link keeps its address, as Markdown writes it.
    """
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        page = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError as error:
        raise ReadError("there is no table in it; save the page's table as .csv") from error
    tables, heading = [], ""
    for element in page.iter(*_HEADINGS, "table"):
        if element.tag == "table":
            caption = element.find("caption")
            name = heading if caption is None else _plain(caption)
            tables.append(_sheet(element, name))
        else:
            heading = _plain(element)
    filled = [table for table in tables if table.cells.num_rows]
    return choose_tables(filled, settings.heading)


def _sheet(table: lxml_html.HtmlElement, name: str) -> Sheet:
    """Lay a table out as a grid, as browsers do, then fill the cells that others span."""
    grid: list[dict[int, str]] = []
    taken: dict[int, int] = {}  # column -> the last row, from 0, that a cell above reaches
    ranges = []
    rows = list(_rows(table))
    for number, row in enumerate(rows):
        cells: dict[int, str] = {}
        column = 0
        for cell in row.iterchildren("td", "th"):
            while taken.get(column, -1) >= number:
                column += 1
            width = min(_span(cell, "colspan"), _WIDEST_SPAN)
            height = min(_span(cell, "rowspan"), len(rows) - number)
            cells[column] = _text(cell)
            if width > 1 or height > 1:
                ranges.append(Range(number + 1, column + 1, number + height, column + width))
            taken.update(dict.fromkeys(range(column, column + width), number + height - 1))
            column += width
        grid.append(cells)
    width = max((column + 1 for column in taken), default=0)
    texts = [[cells.get(column) for column in range(width)] for cells in grid]
    return fill_merged(from_rows(name, texts, range(1, len(texts) + 1)), ranges)


def _rows(table: lxml_html.HtmlElement) -> Iterator[lxml_html.HtmlElement]:
    """Yield a table's own rows, not those of a table inside one of its cells."""
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _span(cell: lxml_html.HtmlElement, name: str) -> int:
    text = cell.get(name, "").strip()
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 5 else 1  # noqa: PLR2004


def _plain(element: lxml_html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _text(cell: lxml_html.HtmlElement) -> str:
    for line_break in cell.iter("br"):
        line_break.tail = f"\n{line_break.tail or ''}"
    if cell.tag == "td":
        for link in cell.iter("a"):
            address, text = link.get("href", "").strip(), _plain(link)
            if address.startswith(("http://", "https://")) and text and "[" not in text:
                for child in list(link):
                    link.remove(child)
                link.text = f"[{text}]({address})" if address != text else text
    return str(cell.text_content())
