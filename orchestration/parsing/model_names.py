"""Names of models and of who makes them: accounts apart, marks of a copy apart.

Belongs here: what the text of one name says. Doesn't: which listings are of one model, or whose
copy a model is; that is decided in dbt, from all lists together.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from orchestration.parsing.names import name_key, without_markup
from orchestration.parsing.text import Columns, Context, Fields, as_columns, words

MODEL_FIELDS: Fields = {
    "_key": pa.string(),
    "_account": pa.string(),
    "_account_key": pa.string(),
    "_account_maker": pa.string(),
    "_stem_key": pa.string(),
    "_family_key": pa.string(),
    "_form": pa.string(),
    "_names_size": pa.bool_(),
}
MAKER_FIELDS: Fields = {"_key": pa.string(), "_keys": pa.string(), "_makers": pa.string()}

_ADDRESS = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co|github\.com)/", re.IGNORECASE)
_PATH = re.compile(r"/(?:tree|blob|resolve)/")
_WITH_ACCOUNT = re.compile(r"([A-Za-z0-9][\w.-]*)/([\w.+-]+)", re.ASCII)
_SEPARATORS = re.compile(r"[\s_/-]+|(?<!\d)\.|\.(?!\d)")

_SIZE = re.compile(r"(?:\d+x)?\d+(?:\.\d+)?[bmt]")
_GLUED_SIZE = re.compile(r"(.*[a-z])(\d+(?:\.\d+)?[bm])")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*")

# Marks of a copy, each in the words of those who publish them.
_QUANTISED = re.compile(
    r"gptq|awq|gg(?:ml|uf|jt|la)|exl[23]|hqq|aqlm|quip|bnb|nf4|(?:mx|nv)?fp[48]|int[2348]"
    r"|[2-8]bit|i?q[2-8]|w\d+a\d+|quant|quanti[sz]ed|[2-8]\.\d+bpw|imatrix"
)
_BESIDE_QUANTISED = re.compile(r"[0-9kmsl]|xx?s|\d+g|gr\d+|no|act|order|cuda|triton|i1|dynamic")
_MARKS = {
    **dict.fromkeys(
        words("fp16 f16 bf16 float16 fp32 f32 16bit 32bit sharded resharded onnx mlx openvino ct2"),
        "converted",
    ),
    **dict.fromkeys(words("hf transformers safetensors safetensor"), "hub_format"),
    **dict.fromkeys(words("merged unquantized unquantised"), "merged"),
    # How a maker publishes who may not pass on the base.
    **dict.fromkeys(words("delta deltas xor"), "partial"),
}
_ADAPTER = re.compile(
    r"(?:.*[a-z0-9])?(?:Q?Lo[Rr][Aa]s?|QLora)|(?i:[qx]?loras?|adapters?|peft)", re.ASCII
)

_BETWEEN_MAKERS = re.compile(r"[,;/&()\[\]\n]| and ")
_GENERIC = words(
    "lab labs laboratory laboratories research university institute academy team org hq inc group"
    " community technologies technology company foundation project official the of"
)
_SMALL_WORDS = words("of for the and in at de la")
_GLUED_GENERIC = re.compile(r"(?<=...)(?:forai|ai|labs?|research|team|org|hq|inc)$")
_FEWEST_INITIALS = 3
_KNOWN_WORDS = 65_536  # what is kept of them: millions of names are made of few words


class ModelName(NamedTuple):
    """What the name of a model says.

    `key` is the name without the account and the marks of a hub's format, `stem_key` without any
    mark of a copy, `family_key` also without sizes and versions. `form` is what the marks come to:
    quantised, converted (another precision or file), adapter, repackaged (what a maker does as
    well as others: merged weights, a hub's format), or None.
    """

    key: str | None
    account: str | None
    stem_key: str | None
    family_key: str | None
    form: str | None
    names_size: bool


def model_name(text: str) -> ModelName:
    """Take a name such as `TheBloke/Falcon-7B-GPTQ` apart."""
    text = _PATH.split(_ADDRESS.sub("", without_markup(text).strip()))[0]
    account, name = _split_account(text.rstrip("/"))
    tokens = [token for token in _SEPARATORS.split(name) if token]
    marks = _marks(tokens)
    stem = _join(tokens, [mark in (None, "adapter") for mark in marks]) or name
    family, sizes = _without_sizes(_SEPARATORS.split(stem.lower()))
    return ModelName(
        key=name_key(_join(tokens, [mark != "hub_format" for mark in marks]) or name),
        account=account,
        stem_key=name_key(stem),
        family_key=name_key("-".join(family)) or name_key(stem),
        form=_form(marks),
        names_size=sizes > 0,
    )


@lru_cache(maxsize=_KNOWN_WORDS)
def maker_key(text: str) -> str | None:
    """Return the key of a maker under which "Stability AI" and "stabilityai" meet.

    Words that many makers share (lab, university, AI at the end) are left out: it only serves to
    compare the makers of models of one name.
    """
    keys = [key for token in re.split(r"[\s_-]+", text) if (key := name_key(token))]
    kept = [key for key in keys if key not in _GENERIC] or keys
    return _GLUED_GENERIC.sub("", "".join(kept)) or None


def parse_model_names(texts: Sequence[str], context: Context) -> Columns:
    """Parse names of models; see ModelName."""
    del context  # a name means the same in every file
    names = map(model_name, texts)
    return as_columns(
        (
            (
                name.key,
                name.account,
                name.account and name_key(name.account),
                name.account and maker_key(name.account),
                name.stem_key,
                name.family_key,
                name.form,
                name.names_size,
            )
            for name in names
        ),
        MODEL_FIELDS,
    )


def parse_makers(texts: Sequence[str], context: Context) -> Columns:
    """Parse who made a model, one name or several; the lists of their keys are aligned."""
    del context
    return as_columns(map(_maker_keys, texts), MAKER_FIELDS)


def _split_account(text: str) -> tuple[str | None, str]:
    """Return the account in front of a name, if there is one: "7B/13B" and "A / B" have none."""
    match = _WITH_ACCOUNT.fullmatch(text)
    if match is None or any(_SIZE.fullmatch(part.lower()) for part in match.groups()):
        return None, text
    return match[1], match[2]


def _marks(tokens: Sequence[str]) -> list[str | None]:
    """Return what each token of a name marks, None for what is part of the name itself."""
    marks: list[str | None] = []
    for place, token in enumerate(tokens):
        before = marks[-1] if marks else None
        following = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
        marks.append(_mark(token, before, following))
    # A name begins with what it names, but for a file format put in front of it.
    if marks and marks[0] != "quantised":
        marks[0] = None
    return marks


@lru_cache(maxsize=_KNOWN_WORDS)
def _mark(token: str, before: str | None, following: str) -> str | None:
    word = token.lower()
    if word in {"bit", "bits"} and before:
        return before
    if following in {"bit", "bits"}:
        word += "bit"
    is_beside = before == "quantised" and _BESIDE_QUANTISED.fullmatch(word)
    if is_beside or _QUANTISED.fullmatch(word):
        return "quantised"
    if before == "hub_format" and "." in word and _VERSION.fullmatch(word):
        return before
    return "adapter" if _ADAPTER.fullmatch(token) else _MARKS.get(word)


def _form(marks: Collection[str | None]) -> str | None:
    """Return the form that all marks of a name come to."""
    for form in ("quantised", "converted"):
        if form in marks:
            return form
    if "adapter" in marks and "merged" not in marks:
        return "adapter"
    return "repackaged" if {"hub_format", "merged"} & {*marks} else None


def _join(tokens: Sequence[str], kept: Sequence[bool]) -> str:
    return "-".join(token for token, is_kept in zip(tokens, kept, strict=True) if is_kept)


def _without_sizes(tokens: Sequence[str]) -> tuple[list[str], int]:
    """Return the words of a name without sizes and versions, and how many sizes there were."""
    read = [_word_and_size(token) for token in tokens]
    return [word for word, _ in read if word], sum(is_size for _, is_size in read)


@lru_cache(maxsize=_KNOWN_WORDS)
def _word_and_size(token: str) -> tuple[str, bool]:
    """Return what is left of a token without size and version, and whether it says a size."""
    glued = _GLUED_SIZE.fullmatch(token)
    word = glued[1] if glued else token
    is_number = _SIZE.fullmatch(word) or _VERSION.fullmatch(word)
    return "" if is_number else word, bool(glued or _SIZE.fullmatch(token))


def _maker_keys(text: str) -> tuple[str | None, str | None, str | None]:
    pairs = dict.fromkeys(pair for part in _makers(text) for pair in _keys_of(part))
    keys, makers = (
        (";".join(column) or None for column in zip(*pairs, strict=True)) if pairs else (None, None)
    )
    return name_key(without_markup(text)), keys, makers


def _makers(text: str) -> Iterator[str]:
    parts = (part.strip() for part in _BETWEEN_MAKERS.split(without_markup(text)))
    return (part for part in parts if part)


def _keys_of(maker: str) -> Iterator[tuple[str, str]]:
    """Yield the name's key beside each key that the maker may be known by: its initials too."""
    key, known_by = name_key(maker), maker_key(maker)
    if key and known_by:
        yield key, known_by
        initials = [word[0] for word in maker.split() if word.lower() not in _SMALL_WORDS]
        if len(initials) >= _FEWEST_INITIALS and (short := name_key("".join(initials))):
            yield key, short
