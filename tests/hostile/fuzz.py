"""`make fuzz`: coverage-guided search for a text that a parser, or bytes that a reader, can't bear.

    python tests/hostile/fuzz.py money|dates|names|numbers|reader [options of libFuzzer]

A parser must never raise and must answer every text it is given; a reader may only raise
ReadError. The input that breaks the rule is saved by the fuzzer as crash-<hash>.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["orchestration"]):
    from orchestration import parsing
    from orchestration.reading import ReadError, read_sheets
    from orchestration.sources.formats import ENDINGS, Settings

PARSERS = {"money": ("money",), "dates": ("date",), "names": ("name", "names")} | {
    "numbers": ("number", "size")
}


def fuzz_parsers(names: tuple[str, ...], data: bytes) -> None:
    """Give lines of text to parsers, as the distinct texts of a column."""
    texts = list(
        dict.fromkeys(filter(None, map(str.strip, data.decode("utf-8", "replace").split("\n"))))
    )
    for name in names:
        columns = parsing.PARSERS[name](texts, parsing.Context(header="Amount (EUR M)"))
        assert all(len(column) == len(texts) for column in columns.values())


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
        if target == "reader":
            for number, seed in enumerate(seeds()):
                (Path(folder) / str(number)).write_bytes(seed)
            atheris.Setup([sys.argv[0], *options, folder], fuzz_reader)
        else:
            names = PARSERS[target]
            atheris.Setup([sys.argv[0], *options, folder], lambda data: fuzz_parsers(names, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
