"""JSON and JSON Lines to sheets: objects are rows, their keys the header.

Belongs here: finding the list of objects and writing values as text. Doesn't: what a key means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orchestration.reading.sheet import ReadError, Settings, Sheet, decode, from_rows


class _Printed(float):
    """A number that remembers its text, so that 1.10 doesn't become 1.1."""

    text: str


def read(data: bytes, settings: Settings) -> list[Sheet]:  # noqa: ARG001
    """Read one table: from a list of objects, an object with one such list, or a line each.

    Row numbers count the objects of a list from 1, or are lines; the header's is 0.
    """
    text = decode(data)
    try:
        numbers, objects = _objects(text)
        if not objects or not all(isinstance(item, dict) for item in objects):
            raise ReadError("a list of objects is needed, one object a row")
        keys = list(dict.fromkeys(key for item in objects for key in item))
        rows = [[_text(item.get(key)) for key in keys] for item in objects]
        return [from_rows("", [keys, *rows], [0, *numbers])]
    except (ValueError, RecursionError) as error:
        raise ReadError("a character is broken, or a value too long or nested too deep") from error


def _objects(text: str) -> tuple[list[int], list[Any]]:
    try:
        document = _load(text)
    except json.JSONDecodeError:
        lines = list(_lines(text))
        return [number for number, _ in lines], [item for _, item in lines]
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        document = lists[0] if len(lists) == 1 else [document]
    objects = document if isinstance(document, list) else [document]
    return list(range(1, len(objects) + 1)), objects


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, _load(line)
            except json.JSONDecodeError as error:
                raise ReadError(f"line {number} is not JSON: {error.msg}; correct it") from error


def _load(text: str) -> Any:
    return json.loads(text, parse_float=_printed)


def _printed(text: str) -> _Printed:
    number = _Printed(text)
    number.text = text
    return number


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.text if isinstance(value, _Printed) else json.dumps(value, ensure_ascii=False)
