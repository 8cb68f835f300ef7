"""Tables of HTML pages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import rows_of

from orchestration.reading import ReadError, Sheet, read_sheets
from orchestration.sources.formats import Settings

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Deals</title></head><body>
<h2>Rounds <em>2023</em></h2>
<table><thead><tr><th rowspan="2">Company</th><th colspan="2">Amount</th></tr>
<tr><th>USD</th><th>EUR</th></tr></thead>
<tbody><tr><td rowspan="2"><a href="https://x.org/é">Société</a></td><td>$5M</td><td></td></tr>
<tr><td>$6M<br>(est.)</td><td>5 &euro;</td></tr>
<tr><td colspan="3">All figures are rounded.</td></tr></tbody></table>
<table><caption>Models</caption><tr><td>A</td><td><script>alert("x")</script></td></tr></table>
<h2>Rounds 2023</h2><table><tr><td>x<table><tr><td>inner</td></tr></table></td></tr></table>
</body></html>"""


def read(content: bytes, **settings: str) -> list[Sheet]:
    return read_sheets(Path("a.html"), Settings(**settings), content)  # type: ignore[arg-type]


def test_every_table_is_a_sheet_named_by_its_caption_or_heading() -> None:
    names = [sheet.name for sheet in read(PAGE.encode())]
    assert names == ["Rounds 2023", "Models", "Rounds 2023 (2)", "Rounds 2023 (3)"]
    [models] = read(PAGE.encode(), heading="models")
    assert rows_of(models) == {1: ["A", 'alert("x")']}
    with pytest.raises(ReadError, match="no table under the heading 'Prices'"):
        read(PAGE.encode(), heading="Prices")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_cells_that_span_others_fill_them_and_links_keep_their_address(encoding: str) -> None:
    page = PAGE.replace("utf-8", "windows-1252") if encoding == "cp1252" else PAGE
    sheet = read(page.encode(encoding))[0]
    company = "[Société](https://x.org/é)"
    assert rows_of(sheet) == {
        1: ["Company", "Amount", "Amount"],
        2: ["Company", "USD", "EUR"],
        3: [company, "$5M", None],
        4: [company, "$6M\n(est.)", "5 €"],
        5: ["All figures are rounded.", None, None],
    }
    assert sheet.findings == (
        "filled with the text of their first cell: merged ranges A1:A2, B1:C1 and A3:A4",
    )


def test_a_page_without_a_table_has_no_sheet() -> None:
    assert read(b"<html><body><p>nothing</p></body></html>") == []


TEXTS = st.text("abc<>&\"'5 é🧠", max_size=5)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_every_text_of_a_table_is_found(rows: list[list[str]]) -> None:
    escaped = [
        [text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in row]
        for row in rows
    ]
    lines = "".join(f"<tr><td>{'<td>'.join(row)}</tr>" for row in escaped)
    found = [
        row for sheet in read(f"<table>{lines}</table>".encode()) for row in rows_of(sheet).items()
    ]
    expected = [[text.strip() for text in row if text.strip()] for row in rows]
    assert found == [
        (number, [*row, *[None] * (len(found[0][1]) - len(row))])
        for number, row in (
            (number, [text.strip() or None for text in rows[number - 1]])
            for number, texts in enumerate(expected, start=1)
            if texts
        )
    ]
