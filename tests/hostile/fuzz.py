"""`make fuzz`: coverage-guided search for a text that a parser, or bytes that a reader, can't bear.

    python tests/hostile/fuzz.py money|dates|names|numbers|words|formats|source_yml|hub|reader
        [options of libFuzzer]

A parser must never raise and must answer every text it is given; a reader may only raise
ReadError, a source.yml and what a hub of models answered LedgerError, in one line. The input that
breaks the rule is saved by the fuzzer as crash-<hash>.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["orchestration"]):
    from orchestration import parsing
    from orchestration.config import LedgerError
    from orchestration.reading import ReadError, read_sheets
    from orchestration.reading.formats.number_formats import is_telling, shown
    from orchestration.sources import huggingface
    from orchestration.sources.formats import ENDINGS, Settings
    from orchestration.sources.kinds import columns_by_name, read_kinds
    from orchestration.sources.source_yml import parse_source_yml, refresh, settings

PARSERS = {"money": ("money",), "dates": ("date",), "names": ("name", "names")} | {
    "numbers": ("number", "size"),
    "words": ("word", "access", "licence", "round_label", "model", "makers", "country", "site"),
}
COLUMNS = columns_by_name([read_kinds()["funding_rounds"]])
SOURCE_YML = (
    b"title: A\nproducer: B\nurl: https://a.org\nlicence: MIT\naccessed_on: 2026-11-28\n"
    b"contents: C\ncadence: 30d\ncolumns: {announced: [Date]}\nunits: {amount: {currency: USD, "
    b"multiplier: 1e6}}\nreader: {sheets: [S]}\ncomplete: [{to: 2026-06-30}]\n"
)
HUB = [
    b'[{"id": "a/b", "lastModified": "2026-10-01T10:00:00.000Z", "createdAt": "2026-01-02T00:00",'
    b'"tags": ["license:mit", "base_model:finetune:a/c"], "safetensors": {"total": 7}}]',
    b'{"model": "a/b", "last_modified": "2026-10-01"}\n',
    b'{"first": "f", "since": "s", "models": [], "next": null}\n',
]
FORMATS = [
    b'100000000\n"$"#,##0.0,,"M"',
    b"2023-05-01\nmmm-yy",
    b"-5\n[$\xe2\x82\xac-407] #,##0;(0%)",
]


def fuzz_parsers(names: tuple[str, ...], data: bytes) -> None:
    """Give lines of text to parsers, as the distinct texts of a column."""
    texts = list(
        dict.fromkeys(filter(None, map(str.strip, data.decode("utf-8", "replace").split("\n"))))
    )
    for name in names:
        columns = parsing.PARSERS[name](texts, parsing.Context(header="Amount (EUR M)"))
        assert all(len(column) == len(texts) for column in columns.values())


def fuzz_formats(data: bytes) -> None:
    """Show a number, the first line, as the second says."""
    stored, _, code = data.decode("utf-8", "replace").partition("\n")
    is_telling(code)
    assert isinstance(shown(stored, code), str)


def fuzz_source_yml(data: bytes) -> None:
    """Read the facts of a source.yml and the settings among them."""
    try:
        facts = parse_source_yml(data.decode("utf-8", "replace"), "source.yml", COLUMNS)
        settings(facts)
        refresh(facts, "source.yml")
    except LedgerError as error:
        assert "\n" not in str(error)


def fuzz_hub(data: bytes) -> None:
    """Read bytes as a hub's answer, as the pages kept of a list, and as the snapshot before."""
    with tempfile.NamedTemporaryFile() as file:
        path = Path(file.name)
        path.write_bytes(data)
        kept = [row for page in huggingface._kept(path, "f", "s") for row in page["models"]]
        assert all(isinstance(row["last_modified"], str) for row in kept)
        for read in (
            partial(huggingface._models, data, "https://a.org"),
            partial(huggingface._read, path),
        ):
            try:
                read()
            except LedgerError as error:
                assert "\n" not in str(error)


def fuzz_reader(data: bytes) -> None:
    """Give bytes to the reader that their first byte chooses, plain or compressed."""
    endings = list(ENDINGS)
    ending = endings[data[0] % len(endings)] if data else ".csv"
    name, content = f"2026-11-23{ending}", data[1:]
    if data[:1] > b"\x80":
        name, content = f"{name}.gz", gzip.compress(content)
    try:
        for sheet in read_sheets(Path(name), Settings(), content):
            assert sheet.cells.num_rows == len(sheet.row_numbers)
    except ReadError as error:
        assert "\n" not in str(error)
    except BaseException as error:
        # A panic of compiled code ends in the child process, which has a sentence for it.
        if type(error).__name__ != "PanicException":
            raise


def seeds() -> list[bytes]:
    """Give good files to start from."""
    import case  # noqa: PLC0415  (not to be instrumented)

    files = {
        ".xlsx": case.workbook(),
        ".xls": case.old_workbook(),
        ".ods": case.open_document(),
        ".csv": case.CSV,
        ".json": case.JSON,
        ".jsonl": case.JSONL,
        ".md": case.MARKDOWN,
        ".html": case.HTML,
        ".parquet": case.parquet(),
    }
    places = {ending: place for place, ending in enumerate(ENDINGS)}
    return [bytes([places[ending]]) + files[ending] for ending in places if ending in files]


def main() -> None:
    """Fuzz what the first argument names."""
    target, options = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        check, starts = {
            "reader": (fuzz_reader, seeds()),
            "formats": (fuzz_formats, FORMATS),
            "source_yml": (fuzz_source_yml, [SOURCE_YML]),
            "hub": (fuzz_hub, HUB),
        }.get(target) or (partial(fuzz_parsers, PARSERS[target]), [])
        for number, seed in enumerate(starts):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *options, folder], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
