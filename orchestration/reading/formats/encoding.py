"""Bytes to text without losing one: what is no valid encoding stays visible and is reported."""

import codecs
import contextlib
import re

from orchestration.reading.sheet import ReadError, numbered

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
# As browsers look for what a page declares, before they parse it.
_HEAD_BYTES = 4096
_CHARSET = re.compile(rb"<meta\b[^>]*\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SAMPLE = 1 << 16  # bytes that settle whether a file is text
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1a\x1b")
_MOST_CONTROLS = 0.05
_INVALID = re.compile("[\udc80-\udcff\0]")  # bytes that `surrogateescape` kept, and NUL


def decode(data: bytes, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    r"""Return a file's text, and a finding when some of its bytes are no valid text.

    The encoding is the given one, else that of the byte order mark, else UTF-8. A byte that is
    no UTF-8 is taken as Windows-1252, so that valid text around it stays as it is; what is no
    character there either, and a NUL, which no CSV parser before Python 3.11 takes, stays
    visible as `\x81`. Raises ReadError when what is inside is no text.
    """
    encoding = encoding or _marked(data) or _declared(data) or _unmarked_utf16(data)
    if encoding is None and _is_binary(data):
        raise ReadError(
            "what is inside is not text, or not in a usual encoding; save it again as UTF-8, "
            "or give the file the ending of what it really is"
        )
    if encoding is None:
        text = data.decode("utf-8", "surrogateescape")
    else:
        try:
            text = data.decode(encoding, "backslashreplace")
        except LookupError as error:
            raise ReadError(
                f"source.yml says that the encoding is {encoding!r}, which is none; "
                "correct it, for example to cp1252 or gb18030"
            ) from error
    # Plain ASCII, as most files are, needs no search.
    is_plain = text.isascii() and "\0" not in text
    invalid = [] if is_plain else [match.start() for match in _INVALID.finditer(text)]
    if not invalid:
        return text, ()
    finding = (
        f"{len(invalid):,} bytes are not valid UTF-8 ({numbered('line', _lines(text, invalid))}): "
        "they were read as Windows-1252, or kept as codes such as \\x81; "
        "if letters look wrong, name the `encoding:` under `reader:` in source.yml"
    )
    return _INVALID.sub(lambda match: _printed(match[0]), text), (finding,)


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)


def _declared(data: bytes) -> str | None:
    """Return the encoding that a page declares, unless its bytes are UTF-8 all the same."""
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    if declared:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            with contextlib.suppress(LookupError):  # there is no such encoding
                return codecs.lookup(declared[1].decode()).name
    return None


def _unmarked_utf16(data: bytes) -> str | None:
    """Recognise UTF-16 by the zero bytes, of which Latin letters have one on the same side."""
    sample = data[:_SAMPLE]
    zeros = [sample[side::2].count(0) / max(1, len(sample) / 2) for side in (0, 1)]
    if len(sample) % 2 or max(zeros) < 0.2 or min(zeros) > 0.01:  # noqa: PLR2004
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _is_binary(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > _MOST_CONTROLS * len(sample)


def _printed(character: str) -> str:
    code = ord(character) & 0xFF
    printed = bytes([code]).decode("cp1252", "backslashreplace")
    return printed if code else r"\x00"


def _lines(text: str, positions: list[int]) -> list[int]:
    """Return the lines, without repetition, on which some positions of a text stand."""
    end = "\n" if "\n" in text else "\r"
    lines, line, before = [], 1, 0
    for position in positions:
        line += text.count(end, before, position)
        before = position
        lines.append(line)
    return list(dict.fromkeys(lines))
