"""Pipe tables in Markdown."""

from pathlib import Path

import pytest
from sheets import rows_of

from orchestration.reading import ReadError, Sheet, read_sheets
from orchestration.sources.formats import Settings

DOCUMENT = b"""# Lists

Some text | with a pipe.

## Open LLMs

| Model | Released | Licence |
| --- | :-: | --- |
| [T5](https://x.org/t5) | 2019/10<!--23--> | `Apache 2.0` |
| a \\| b | | MIT | beyond the header |

## Data sets

| Name | Size |
|------|------|
| The Pile | 800 GB |

```
| not | a table |
| --- | --- |
```
"""


def read(content: bytes, heading: str | None = None) -> list[Sheet]:
    return read_sheets(Path("a.md"), Settings(heading=heading), content)


def test_cells_keep_their_markdown_and_rows_their_lines() -> None:
    [sheet] = read(DOCUMENT, heading="open llms")
    assert rows_of(sheet) == {
        7: ["Model", "Released", "Licence", None],
        9: ["[T5](https://x.org/t5)", "2019/10<!--23-->", "`Apache 2.0`", None],
        10: ["a | b", None, "MIT", "beyond the header"],
    }


def test_every_table_is_a_sheet_named_by_its_heading() -> None:
    assert [sheet.name for sheet in read(DOCUMENT)] == ["Open LLMs", "Data sets"]


def test_line_ends_of_windows_and_tables_without_outer_pipes() -> None:
    [sheet] = read(b"a | b\r\n--- | ---\r\nx | y\r\n")
    assert rows_of(sheet) == {1: ["a", "b"], 3: ["x", "y"]}


def test_a_heading_without_a_table_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(ReadError, match=r"'Models', .* tables under 'Open LLMs', 'Data sets'"):
        read(DOCUMENT, heading="Models")


def test_uneven_pipes_lose_no_table_and_no_cell() -> None:
    content = b"""# Models
Model | Date | Params
|---|---
T5 | 2019/10<!--10--> | 0.06 - 11 | more
[Phi](https://x.org) | 2023/05<!--04-->
"""
    [sheet] = read(content)
    assert rows_of(sheet) == {
        2: ["Model", "Date", "Params", None],
        4: ["T5", "2019/10<!--10-->", "0.06 - 11", "more"],
        5: ["[Phi](https://x.org)", "2023/05<!--04-->", None, None],
    }


def test_ranges_and_lists_of_figures_stay_as_written() -> None:
    [sheet] = read(b"|a|b|c|\n|-|-|-|\n|180, 40, 7|84k (ALiBi)|`x \\| y`|\n")
    assert rows_of(sheet)[3] == ["180, 40, 7", "84k (ALiBi)", "`x | y`"]


def test_tables_under_one_heading_have_names_of_their_own() -> None:
    table = "|a|b|\n|-|-|\n|x|y|\n\n"
    assert [sheet.name for sheet in read(f"# A\n\n{table}{table}".encode())] == ["A", "A (2)"]
