"""JSON and JSON Lines to sheets: objects are rows, their keys the header."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from orchestration.parsing.round_labels import parse_round_labels
from orchestration.parsing.text import Context
from orchestration.reading.sheet import ReadError, Sheet, choose_tables, from_rows, numbered
from orchestration.sources.formats import Settings

_DEPTH = 2  # objects around the list, beyond the outermost, and lists inside rows
_MOST_FACTS, _MANY, _LEVELS = 20, 200, 5  # of an object in a row, of like ones, and in these
_SPARSE = 10  # cells to a fact
_FEWEST_NAMED, _NAME = 3, "key"  # objects that are rows by their names, and the names' header
_NAMES = ("name", "title", "id")  # facts that tell an object from others of its list
# Facts that say whose the rows of a document are: a company's name above the list of its rounds.
_WHOSE = re.compile(
    r"(?:properties\.)?"
    r"(?:name|(?:company|startup|organi[sz]ation|firm|model|identifier)(?:[ _.]?(?:name|value))?)",
    re.IGNORECASE,
)
_MOST_CELLS = 20_000_000  # of the rows inside rows, each with the facts around it


class _Printed(float):
    """A number that remembers its text, so that 1.10 doesn't become 1.1."""

    def __init__(self, text: str) -> None:
        self.text = text


_load = partial(json.loads, parse_float=_Printed)


def read(text: str, settings: Settings) -> list[Sheet]:
    """Read a list of objects, an object that holds one or an object a row, or lines.

    An object that names itself is a row, with its lists inside it; of another with several lists
    each is a table. Lists of objects inside the rows, such as each company's rounds, are tables of
    their own behind it, named by their keys, and those inside these too. Row numbers count the
    objects of a list from 1, or are lines; the header's is 0. A list of lists has its header in the
    first, row 1.
    """
    try:
        numbers, items, is_wrapper = _items(text)
        if items and all(isinstance(item, list) for item in items):
            rows = [[_text(value) for value in item] for item in items]
            return [from_rows("", rows, numbers)]
        if not items or not all(isinstance(item, dict) for item in items):
            raise ReadError("a list of objects is needed, one object a row; export it so")
        items = _flattened(items)
        tables = [_table("", items, numbers), *_inner_tables("", items, numbers)]
        tables = tables[1:] if is_wrapper else tables  # its own facts stand in each row
    except (ValueError, RecursionError) as error:
        raise ReadError(
            "a character is broken, or a value too long or nested too deep; export it again"
        ) from error
    if settings.heading is None:
        return tables
    return [table._replace(is_inner=False) for table in choose_tables(tables, settings.heading)]


def _table(name: str, items: list[dict[str, Any]], numbers: list[int]) -> Sheet:
    keys = list(dict.fromkeys(key for item in items for key in item))
    rows = [[_text(item.get(key)) for key in keys] for item in items]
    return from_rows(name, [keys, *rows], [0, *numbers])


def _inner_tables(
    within: str, items: list[dict[str, Any]], numbers: list[int], depth: int = _DEPTH
) -> Iterator[Sheet]:
    """Make a table of each list of objects in the rows, with the facts around it in each row.

    `within` begins its name; lists in its own rows are tables too, down to a depth.
    """
    inner = dict.fromkeys(key for item in items for key, value in item.items() if _is_list(value))
    facts = [{k: v for k, v in item.items() if k not in inner} for item in items]
    for key in inner:
        rows = [
            _beside(around, row, key)
            for around, item in zip(facts, items, strict=True)
            if _is_list(item.get(key))
            for row in item[key]
        ]
        if len(rows) * max(map(len, rows)) > _MOST_CELLS:
            left_out = f"{len(rows):,} rows of `{key}` are too many beside the facts around them: "
            table = _table(f"{within}{key}", [dict.fromkeys(rows[0])], [1])
            yield table._replace(
                is_inner=True, findings=(f"{left_out}export them as a list of their own",)
            )
            continue
        without = [n for n, item in zip(numbers, items, strict=True) if not _is_list(item.get(key))]
        rows, counted = _flattened_once(rows), list(range(1, len(rows) + 1))
        said = (f"no `{key}`, and so no row here: {numbered('object', without)}",)
        findings = said if without else ()
        yield _table(f"{within}{key}", rows, counted)._replace(is_inner=True, findings=findings)
        if depth > 1:
            yield from _inner_tables(f"{within}{key}.", rows, counted, depth - 1)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _beside(around: dict[str, Any], row: dict[str, Any], key: str) -> dict[str, Any]:
    """Join a row and the facts around it; of two facts of one name the row's own has the name.

    Unless it names the row: a company's `name` stays, that of its round is `round.name`.
    """
    one = key.rpartition(".")[2].removesuffix("s")
    told = {name.rpartition(".")[2] for name in around}.intersection(_NAMES)
    own = {f"{one}.{n}" if n in told else n: fact for n, fact in row.items()}
    return own | {f"{n} (around it)" if n in own else n: fact for n, fact in around.items()}


def _are_facts(objects: list[dict[str, Any]], rows: int, level: int) -> bool:
    names, filled = {name for facts in objects for name in facts}, sum(map(len, objects))
    if level == 0 and len(names) <= _MOST_FACTS:
        return True
    are_alike = 2 * filled >= len(names) * len(objects) and len(objects) > 1
    is_dense = _SPARSE * filled >= len(names) * rows  # else most cells of the table are empty
    return (are_alike or len(names) <= _MOST_FACTS) and is_dense and len(names) < _MANY


def _flattened(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for level in range(_LEVELS):
        items = _flattened_once(items, level)
    return items


def _flattened_once(items: list[dict[str, Any]], level: int = 0) -> list[dict[str, Any]]:
    """Give the facts of an object in a row columns of their own: `funding.amount`.

    Unless objects of that name have many, others each: then they are named as records are.
    """
    inner: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        for key, value in item.items():
            if isinstance(value, dict):
                inner.setdefault(key, []).append(value)
    flat = {key for key, objects in inner.items() if _are_facts(objects, len(items), level)}
    if not flat:
        return items
    return [
        {
            name: fact
            for key, value in item.items()
            for name, fact in (
                ((f"{key}.{name}", fact) for name, fact in value.items())
                if key in flat and isinstance(value, dict)
                else ((key, value),)
            )
        }
        for item in items
    ]


def _items(text: str) -> tuple[list[int], list[Any], bool]:
    """Return the rows with their numbers, and whether the one row is no more than what is in it."""
    try:
        document = _load(text)
    except json.JSONDecodeError:
        lines = list(_lines(text))
        return [number for number, _ in lines], [item for _, item in lines], False
    is_wrapper = False
    if isinstance(document, dict):
        if "features" in document or "geometry" in document:
            raise ReadError(
                "this is GeoJSON, which nests each row's facts under `properties`; "
                "save the properties alone, as a list of objects"
            )
        document, is_wrapper = _rows_of(document)
    items = document if isinstance(document, list) else [document]
    return list(range(1, len(items) + 1)), items, is_wrapper


def _rows_of(document: dict[str, Any]) -> tuple[list[Any], bool]:
    """Return the rows of an object, and whether it is only around several lists."""
    within = [value for value in document.values() if isinstance(value, dict)]
    has_lists = any(isinstance(value, list) for value in document.values())
    places = [document] if has_lists else [document, *within]
    for place in places:
        if rows := _named_rows(place):
            around = {} if place is document else _whose(document)
            return [around | row for row in rows], False
    lists = _lists(document, _DEPTH)
    if not lists or (_whose(_flattened([document])[0]) and not any(map(_name_themselves, lists))):
        return [document], False
    if len(lists) == 1:
        return lists[0], False
    return [{_beside_rows(name): value for name, value in document.items()}], True


def _whose(facts: dict[str, Any]) -> dict[str, str]:
    """Return the facts that name the object that has them."""
    return {k: v for k, v in facts.items() if isinstance(v, str) and _WHOSE.fullmatch(k)}


def _name_themselves(rows: list[Any]) -> bool:
    """Whether rows say whose they are, other than as rounds do: Seed, Series A."""
    if not isinstance(rows[0], dict):
        return True
    names = [name for row in rows if isinstance(row, dict) for name in _whose(row).values()]
    return bool(parse_round_labels(names, Context())["_stage"].null_count * 2 > len(names))


def _beside_rows(name: str) -> str:
    """Return a name that leaves that of the rows themselves to them."""
    return f"{name} (around it)" if name in _NAMES else name


def _named_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an object that holds an object a row under its name; none of another.

    The objects are rows when they are alike: more than half have a key in common.
    """
    rows = [facts for facts in document.values() if isinstance(facts, dict)]
    counts = Counter(key for facts in rows for key in facts)
    most = max(counts.values(), default=0)
    if len(rows) < max(len(document), _FEWEST_NAMED) or most * 2 <= len(rows):
        return []
    header = _NAME if _NAME not in counts else f"{_NAME} of the object"
    return [{header: name} | facts for name, facts in document.items()]


def _lists(document: dict[str, Any], depth: int) -> list[list[Any]]:
    """Find the lists that could be the table in an object and the objects in it."""
    values = document.values()
    here = [v for v in values if isinstance(v, list) and v and isinstance(v[0], dict | list)]
    inner = [value for value in values if isinstance(value, dict)] if depth else []
    return here or [table for value in inner for table in _lists(value, depth - 1)]


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, _load(line)
            except json.JSONDecodeError as error:
                raise ReadError(f"line {number} is not JSON: {error.msg}; correct it") from error


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.text if isinstance(value, _Printed) else json.dumps(value, ensure_ascii=False)
