"""JSON and JSON Lines."""

import json
from pathlib import Path

import pytest

from orchestration.reading import ReadError, read_sheets
from orchestration.sources.formats import Settings


def read(content: str, name: str = "a.json") -> dict[int, list[str | None]]:
    sheet, *_ = read_sheets(Path(name), Settings(), content.encode())
    rows = zip(*(column.to_pylist() for column in sheet.cells.columns), strict=True)
    return dict(zip(sheet.row_numbers.to_pylist(), map(list, rows), strict=True))


def test_objects_are_rows_and_all_their_keys_the_header() -> None:
    assert read('[{"a": 1, "b": "x"}, {"b": null, "c": true}]') == {
        0: ["a", "b", "c"],
        1: ["1", "x", None],
        2: [None, None, "true"],
    }


def test_numbers_keep_their_digits_and_nested_values_their_json() -> None:
    rows = read('[{"a": 1.10, "b": 12345678901234567890, "c": {"d": [1.5, "é"]}}]')
    assert rows == {
        0: ["a", "b", "c.d"],
        1: ["1.10", "12345678901234567890", '[1.5, "é"]'],
    }


def test_the_list_inside_an_object() -> None:
    assert read('{"count": 1, "data": [{"a": "x"}]}') == {0: ["a"], 1: ["x"]}


@pytest.mark.parametrize(
    "content",
    [
        '{"data": {"items": [{"a": "x"}], "next": null}}',
        '{"status": "ok", "tags": [1, 2], "result": {"page": {"rows": [{"a": "x"}]}}}',
        '\ufeff{"a": "x"}\n',
    ],
)
def test_the_list_is_found_deeper_and_behind_a_mark(content: str) -> None:
    assert read(content) == {0: ["a"], 1: ["x"]}


def test_an_object_a_row_under_its_name_is_a_table_even_where_one_holds_a_list() -> None:
    content = '{"m1": {"size": 7}, "m2": {"size": 13, "tiers": [{"a": 1}]}, "m3": {"by": "x"}}'
    assert read(content) == {
        0: ["key", "size", "tiers", "by"],
        1: ["m1", "7", None, None],
        2: ["m2", "13", '[{"a": 1}]', None],
        3: ["m3", None, None, "x"],
    }
    named = read('{"m1": {"key": "k"}, "m2": {"key": "l"}, "m3": {"key": "m"}}')
    assert named[0] == ["key of the object", "key"]
    assert named[1] == ["m1", "k"]


def test_objects_a_row_under_their_names_are_found_one_object_deeper() -> None:
    named = read('{"day": "d", "models": {"m1": {"size": 7}, "m2": {"size": 9}, "m3": {}}}')
    assert named == {0: ["key", "size"], 1: ["m1", "7"], 2: ["m2", "9"], 3: ["m3", None]}


def test_objects_that_are_not_alike_are_no_rows() -> None:
    content = '{"meta": {"n": 1}, "links": {"next": ""}, "data": {"rows": [{"a": "x"}]}}'
    assert read(content) == {0: ["a"], 1: ["x"]}


def test_a_list_of_lists_has_its_header_in_the_first() -> None:
    assert read('[["a", "b"], ["x", 1.50], ["y", null, "more"]]') == {
        1: ["a", "b", None],
        2: ["x", "1.50", None],
        3: ["y", None, "more"],
    }


def tables(content: str, settings: Settings | None = None) -> dict[str, list[list[str | None]]]:
    sheets = read_sheets(Path("a.json"), settings or Settings(), content.encode())
    return {
        sheet.name: [list(row) for row in zip(*sheet.cells.to_pydict().values(), strict=True)]
        for sheet in sheets
    }


def test_lists_of_objects_inside_the_rows_are_tables_with_the_facts_around_them() -> None:
    content = (
        '{"companies": [{"name": "Acme", "date": "x", "rounds": [{"name": "Seed", "date": "2023"},'
        ' {"name": "A", "date": "2024", "by": ["F", "G"]}]}, {"name": "Beta", "rounds": []}]}'
    )
    assert tables(content)["rounds"] == [
        ["round.name", "date", "name", "date (around it)", "by"],
        ["Seed", "2023", "Acme", "x", None],
        ["A", "2024", "Acme", "x", '["F", "G"]'],
    ]
    assert [*tables(content, Settings(heading="Rounds"))] == ["rounds"]
    inner = read_sheets(Path("a.json"), Settings(), content.encode())[1]
    assert inner.findings == ("no `rounds`, and so no row here: object 2",)


def test_lists_inside_lists_are_tables_too() -> None:
    content = (
        '[{"fund": "F", "holdings": [{"company": "Acme", "rounds": [{"date": "2023"}]},'
        ' {"company": "Beta", "rounds": [{"date": "2024"}, {"date": "2025"}]}]}]'
    )
    assert tables(content)["holdings.rounds"] == [
        ["date", "company", "fund"],
        ["2023", "Acme", "F"],
        ["2024", "Beta", "F"],
        ["2025", "Beta", "F"],
    ]


def test_objects_in_objects_have_columns_of_their_own() -> None:
    assert read('[{"data": {"properties": {"money": {"raised": 5}}}}]') == {
        0: ["data.properties.money.raised"],
        1: ["5"],
    }


def test_a_name_inside_a_row_is_that_of_its_list_where_the_row_has_one() -> None:
    content = '[{"about": {"name": "Acme"}, "acquisitions": [{"name": "Beta"}]}]'
    assert tables(content)["acquisitions"][0] == ["acquisition.name", "about.name"]


def test_an_object_with_several_lists_has_a_table_of_each() -> None:
    found = tables('{"day": "d", "deals": [{"a": 1}], "more": [{"b": 2}, {"b": 3}]}')
    assert found["deals"] == [["a", "day"], ["1", "d"]]
    assert found["more"] == [["b", "day"], ["2", "d"], ["3", "d"]]


def test_what_surrounds_several_lists_is_no_row_and_takes_no_name_from_theirs() -> None:
    found = tables('{"name": "List", "models": [{"name": "lamp"}], "makers": [{"name": "Acme"}]}')
    assert [*found] == ["models", "makers"]
    assert found["models"] == [["name", "name (around it)"], ["lamp", "List"]]


@pytest.mark.parametrize(
    ("content", "name", "rounds"),
    [  # the rounds of one company say whose they are only above them
        (
            '{"name": "Acme", "rounds": [{"date": "2023", "amount": "$5M"}]}',
            "rounds",
            [["date", "amount", "name"], ["2023", "$5M", "Acme"]],
        ),
        (
            '{"name": "Acme", "rounds": [{"name": "Seed", "date": "2023"}]}',
            "rounds",
            [["round.name", "date", "name"], ["Seed", "2023", "Acme"]],
        ),
        (
            '{"properties": {"identifier": {"value": "Acme"}}, "cards": {"a": [{"b": "x"}],'
            ' "rounds": [{"money": {"value": 5}, "identifier": {"value": "Seed - Acme"}}]}}',
            "cards.rounds",
            [
                ["money.value", "identifier.value", "properties.identifier.value"],
                ["5", "Seed - Acme", "Acme"],
            ],
        ),
    ],
)
def test_a_document_that_names_itself_is_a_row(
    content: str, name: str, rounds: list[list[str]]
) -> None:
    found = tables(content)
    assert len(found[""]) == 2
    assert found[name] == rounds


def test_a_list_whose_rows_name_themselves_is_all_there_is() -> None:
    content = '{"name": "Models", "models": [{"name": "lamp"}, {"name": "torch"}]}'
    assert tables(content) == {"": [["name"], ["lamp"], ["torch"]]}


def test_objects_a_row_under_their_names_have_what_the_document_names() -> None:
    content = '{"model": "lamp", "n": 3, "tasks": {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 3}}}'
    assert read(content)[1] == ["lamp", "a", "1"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_lines_keep_their_numbers(name: str) -> None:
    assert read('{"a": "x"}\n\n{"a": "y"}\n', name) == {0: ["a"], 1: ["x"], 3: ["y"]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ("[1, 2]", "a list of objects is needed"),
        ("[]", "a list of objects is needed"),
        ('{"type": "FeatureCollection", "features": [{"geometry": {}}]}', "this is GeoJSON"),
        ('[{"a": "\\ud800"}]', "a character is broken"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(content: str, sentence: str) -> None:
    with pytest.raises(ReadError, match=sentence):
        read(content)


def test_too_many_rows_inside_rows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.reading.formats.json._MOST_CELLS", 3)
    content = b'[{"company": "Acme", "rounds": [{"amount": "$5M"}, {"amount": "$7M"}]}]'
    _, rounds = read_sheets(Path("a.json"), Settings(), content)
    [finding] = rounds.findings
    assert finding.startswith("2 rows of `rounds` are too many")


def test_objects_in_objects_make_no_table_of_empty_cells() -> None:
    items = [{"a": {f"k{n % 20}": {f"x{n % 19}": {f"y{n % 17}": 1}}}} for n in range(1000)]
    assert len(read(json.dumps(items))[0]) == 20
    alike = [{"a": {f"k{k}": n for k in range(30)}} for n in range(3)]
    assert len(read(json.dumps(alike))[0]) == 30
