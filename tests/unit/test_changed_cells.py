"""Which cells of raw files differ between two versions, on files small enough to see through."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from orchestration.lineage import diff_cells

HEADERS = ("Company", "Round", "Amount")
ROUNDS = (
    ("Acme", "Seed", "$1MM"),
    ("Bolt", "Seed", "$2MM"),
    ("Cord", "Series A", "$3MM"),
    ("Dyne", "Series B", "$4MM"),
)
FILE = "raw/funding_rounds/deals/2023-06-30.csv"


def version(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Sequence[str | None]],
    file: str = FILE,
    headers: Sequence[str] = HEADERS,
) -> None:
    """Make a version that holds one file; its header is in row 1."""
    connection.execute(f"attach ':memory:' as {name}")
    connection.execute(f"create schema {name}.audit")
    columns = {
        header.lower(): {"header": header, "column": letter}
        for header, letter in zip(headers, "ABCDEFG", strict=False)
    }
    connection.execute(
        f"create table {name}.audit.source_files as select 'funding_rounds' as kind,"
        " 'deals' as source, '' as sheet, true as is_current, 1 as header_row,"
        " ? as file, ? as file_sha256, ? as columns_read",
        [file, f"{rows} {headers}", json.dumps(columns)],
    )
    connection.execute(
        f"create table {name}.audit.source_cells (file varchar, sheet varchar, row_number int,"
        " column_name varchar, column_letter varchar, header varchar, cell_text varchar)"
    )
    for number, row in enumerate(rows, start=2):
        for (column, place), text in zip(columns.items(), row, strict=True):
            if text is not None:
                line = [file, "", number, column, place["column"], place["header"], text]
                connection.execute(
                    f"insert into {name}.audit.source_cells values (?, ?, ?, ?, ?, ?, ?)", line
                )


def changes(
    old: Sequence[Sequence[str | None]], new: Sequence[Sequence[str | None]], **facts: Any
) -> dict[str, Any]:
    with duckdb.connect() as connection:
        version(connection, "old", old)
        version(connection, "new", new, **facts)
        return dataclasses.asdict(diff_cells.compare_files(connection))


def told(found: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    return [(cell["address"], cell["old"], cell["new"]) for cell in found["cells"]]


@pytest.mark.parametrize("row", range(len(ROUNDS)))
@pytest.mark.parametrize("column", range(len(HEADERS)))
def test_any_one_cell_is_named_with_both_texts(row: int, column: int) -> None:
    new = [list(line) for line in ROUNDS]
    new[row][column] = "something else"
    found = changes(ROUNDS, new)
    assert told(found) == [(f"{'ABC'[column]}{row + 2}", ROUNDS[row][column], "something else")]
    assert not found["lines_added"]
    assert not found["lines_removed"]


def test_a_cell_that_was_emptied_or_filled_is_named() -> None:
    new = [list[str | None](line) for line in ROUNDS]
    new[1][2] = None
    assert told(changes(ROUNDS, new)) == [("C3", "$2MM", None)]
    assert told(changes(new, ROUNDS)) == [("C3", None, "$2MM")]


@pytest.mark.parametrize("place", range(len(ROUNDS) + 1))
def test_an_inserted_line_is_one_line_not_many_cells(place: int) -> None:
    new = [*ROUNDS[:place], ("Erg", "Seed", "$9MM"), *ROUNDS[place:]]
    found = changes(ROUNDS, new)
    assert not found["cells"]
    (added,) = found["lines_added"]
    assert added["row_number"] == place + 2
    assert added["cells"] == {"Company": "Erg", "Round": "Seed", "Amount": "$9MM"}
    assert not found["lines_removed"]
    removed = changes(new, ROUNDS)
    assert not removed["cells"]
    assert [line["row_number"] for line in removed["lines_removed"]] == [place + 2]


def test_a_cell_that_changed_below_an_inserted_line_is_still_that_cell() -> None:
    new = [("Erg", "Seed", "$9MM"), *ROUNDS[:2], ("Cord", "Series A", "$7MM"), *ROUNDS[3:]]
    found = changes(ROUNDS, new)
    assert told(found) == [("C5", "$3MM", "$7MM")]
    assert found["cells"][0]["old_row_number"] == 4
    assert [line["cells"]["Company"] for line in found["lines_added"]] == ["Erg"]


def test_sorting_a_file_changes_no_cell() -> None:
    found = changes(ROUNDS, ROUNDS[::-1])
    assert found["files_changed"] == [FILE]
    assert not (found["cells"] or found["lines_added"] or found["lines_removed"])
    assert found["old_lines"][f"{FILE}#!2"] == f"{FILE}#!5"


def test_a_new_snapshot_is_compared_with_the_one_whose_place_it_takes() -> None:
    newer = FILE.replace("2023-06-30", "2023-07-31")
    new = [*ROUNDS[:3], ("Dyne", "Series B", "$5MM"), ("Erg", "Seed", "$9MM")]
    found = changes(ROUNDS, new, file=newer)
    assert (found["files_added"], found["files_removed"]) == ([newer], [FILE])
    assert told(found) == [("C5", "$4MM", "$5MM")]
    assert [line["cells"]["Company"] for line in found["lines_added"]] == ["Erg"]


def test_a_renamed_header_is_named_once() -> None:
    found = changes(ROUNDS, ROUNDS, headers=("Company", "Round", "amount"))
    (column,) = found["columns"]
    assert (column["address"], column["old"]["header"]) == ("C1", "Amount")
    assert column["new"]["header"] == "amount"
    assert not found["cells"]


def test_the_same_file_does_not_differ() -> None:
    found = changes(ROUNDS, ROUNDS)
    assert not any(found.values())
