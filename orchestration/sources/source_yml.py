"""Reading and checking source.yml.

Belongs here: YAML to facts and types, and the sentence that tells an analyst which line to correct
and how. Doesn't: which files a source has (registry). The rules are in source_schema.json; the
`description` of a setting there completes the sentence "it must be ...".
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml
from jsonschema import Draft202012Validator

from orchestration import files
from orchestration.config import LedgerError, nearest
from orchestration.sources.formats import (
    ENDINGS,
    Settings,
    Units,
    Unpivot,
    can_read,
    split_endings,
)
from orchestration.sources.kinds import Column

_MOST_BYTES = 200_000
_MOST_NESTED = 20
_FOR = {"dates": ("date",), "units": ("money", "number", "size")}  # what settings speak of

_Setting = tuple[str | int, ...]  # its path, such as ("reader", "sheets", 0)


class _Problem(NamedTuple):
    """What is wrong with a setting, named by its path; `word` should be one of the `known`."""

    setting: _Setting
    sentence: str
    word: str = ""
    known: Collection[str] = ()

    def __str__(self) -> str:
        return f"{self.sentence}; {nearest(self.word, self.known)}" if self.known else self.sentence


class ModelHub(NamedTuple):
    """What is listed of a model hub: models of a task, changed on a day or later."""

    task: str
    since: dt.date


class Refresh(NamedTuple):
    """Where new snapshots come from; `ending` is theirs, `token_env` an environment variable."""

    enabled: bool
    address: str
    ending: str
    token_env: str | None
    model_hub: ModelHub | None


class _UnreadError(yaml.MarkedYAMLError):
    """YAML that is not read here, though it is YAML; `problem` says what to do too."""


class _Loader(yaml.SafeLoader):
    """Reads the part of YAML that says one thing only, whoever reads it.

    Dates and Yes and No, which are words of lists, stay text, and so does every name of a setting.
    Numbers are short decimal ones; `true` and `false` are truth values, as in YAML 1.2. Refused
    are aliases, of which a few lines stand for more text than there is memory, tags, names that
    come twice, and signs that are no text.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "an alias is not read here; write out what it stands for")
        if getattr(event, "tag", None):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, f"`{tag:.40}` is not read here; remove it")
        if len(self.states) > _MOST_NESTED:
            self._refuse(event, "this is nested too deep; write it without brackets")
        if isinstance(event, yaml.ScalarEvent) and NO_TEXT.search(event.value):
            self._refuse(event, "this text holds a sign that is no text; remove it")
        return super().compose_node(parent, index)

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        names: set[str] = set()
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self._refuse(name, "the name of a setting is a text; write it without brackets")
            if name.value in names:
                self._refuse(name, f"`{name.value:.60}` stands here twice; keep one of the two")
            names.add(name.value)
            name.tag = "tag:yaml.org,2002:str"
        return node

    @staticmethod
    def _refuse(at: Any, sentence: str) -> NoReturn:
        raise _UnreadError(problem=sentence, problem_mark=at.start_mark)


# Of control characters a text has line ends and tabs; half a surrogate pair is no character.
NO_TEXT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")

for _tag, _pattern, _first in (
    ("null", "~|null|", ["~", "n", ""]),
    ("bool", "true|false", [*"tf"]),
    ("int", "[-+]?(?:0|[1-9][0-9]{0,17})", [*"-+0123456789"]),
    ("float", r"[-+]?[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE][-+]?[0-9]{1,2})?", [*"-+0123456789"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first
    )


def read_source_yml(path: Path, label: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    """Read the facts of a source.yml, as `parse_source_yml` returns them."""
    return parse_source_yml(read_text(path, label), label, columns)


def read_text(path: Path, label: str) -> str:
    """Read the text of a source.yml. Raises LedgerError, which names it by the label."""
    if not path.exists():
        raise LedgerError(f"{label} is missing; write one with the facts of the source")
    try:
        with files.open_file(path) as file:
            return file.read(_MOST_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{label} is not in UTF-8; save it again in that encoding") from error
    except LedgerError as error:
        raise LedgerError(f"{label}: {error}") from error


def parse_source_yml(text: str, label: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return the facts that the text of a source.yml states, dates as ISO text.

    `label` is the file's name in messages, `columns` are those of its kind by name. Raises
    LedgerError.
    """
    tree, facts = _parse(text, label)
    problems = [*_schema_problems(facts)] or [*_column_problems(facts, columns)]
    if problems:
        lines = dict(_lines(tree))
        first = min(problems, key=lambda problem: (lines[problem.setting], problem.sentence))
        raise LedgerError(f"{label}, line {lines[first.setting]}: {first}")
    return copy.deepcopy(dict(facts))


def parse_lines(lines: Sequence[str], label: str) -> dict[str, Any]:
    """Return what some lines of a source.yml state together, unchecked. Raises LedgerError."""
    facts: dict[str, Any] = {}
    for line in lines:
        stated = _parse(line, label)[1]
        if not isinstance(stated, dict):
            raise LedgerError(f"{label}: {line!r:.60} is no setting; write it as `setting: value`")
        facts = _joined(facts, stated)
    return facts


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Join two mappings and those in them; of two values of a name the other's counts."""
    both = one.keys() & other.keys()
    inner = {n for n in both if isinstance(one[n], dict) and isinstance(other[n], dict)}
    return {**one, **other, **{name: _joined(one[name], other[name]) for name in inner}}


def settings(facts: Mapping[str, Any]) -> Settings:
    """Return the reader options among the facts of a source.yml."""
    reader: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts.get("reader", {}).items()
        if name != "python_package"
    }
    if unpivot := reader.get("unpivot"):
        reader["unpivot"] = Unpivot(tuple(unpivot["keep"]), unpivot["name"], unpivot["value"])
    columns = {
        column: (headers,) if isinstance(headers, str) else tuple(headers)
        for column, headers in facts.get("columns", {}).items()
    }
    units = {column: Units(**stated) for column, stated in facts.get("units", {}).items()}
    words = {name: facts.get(name, {}) for name in ("dates", "values", "constants")}
    defaults = {name: facts[name] for name in ("access",) if name in facts}
    return Settings(**reader, columns=columns, units=units, defaults=defaults, **words)


def refresh(facts: Mapping[str, Any], label: str) -> Refresh | None:
    """Return where a source.yml named `label` says that new snapshots come from, if it does.

    Raises LedgerError for a format that has no reader.
    """
    if "refresh" not in facts:
        return None
    stated = facts["refresh"]
    address, hub = stated.get("from", facts["url"]), stated.get("model_hub")
    if hub:
        hub, ending = ModelHub(hub["task"], dt.date.fromisoformat(hub["since"])), ".jsonl"
    elif "format" in stated:
        ending = f".{stated['format'].removeprefix('.')}"
    else:
        ending = "".join(split_endings(re.split("[?#]", address)[0]))
    if not can_read(f"file{ending}"):
        raise LedgerError(
            f"{label}: files ending in {ending!r} can't be read; write as `refresh.format` what "
            f"the address gives: one of {', '.join(e.removeprefix('.') for e in ENDINGS)}"
        )
    return Refresh(stated["enabled"], address, ending, stated.get("token_env"), hub)


@lru_cache  # a build asks half a dozen times what the same sources say
def _parse(text: str, label: str) -> tuple[yaml.Node | None, Any]:
    """Return the nodes, which know their lines, and the facts made of them, not to be changed."""
    if len(text) > _MOST_BYTES:
        raise LedgerError(f"{label} has over {_MOST_BYTES:,} bytes; shorten it to a few pages")
    try:
        tree = yaml.compose(text, Loader=_Loader)
        return tree, tree and yaml.constructor.SafeConstructor().construct_document(tree)
    except _UnreadError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LedgerError(f"{label}, line {line}: {error.problem}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LedgerError(
            f"{label}, line {line}: this is not YAML ({error.problem}); "
            "check colons, quotation marks and indentation around this line"
        ) from error
    except yaml.YAMLError as error:
        raise LedgerError(f"{label} holds characters that YAML forbids; remove them") from error


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("source_schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _schema_problems(facts: Any) -> Iterator[_Problem]:
    for error in _validator().iter_errors(facts):
        setting = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema["properties"]
            for name in error.instance.keys() - known.keys():
                yield _Problem((*setting, name), f"`{name:.60}` is not a setting", name, known)
        elif error.validator == "required":
            for name in [name for name in error.validator_value if name not in error.instance]:
                rules = [step for step in [*error.absolute_schema_path][:-1] if step != "then"]
                meaning = _description([*rules, "properties", name])
                yield _Problem(setting, f"`{name}` is missing; add a line `{name}:` with {meaning}")
        else:
            name = ".".join(map(str, setting)) or "the file"
            value = json.dumps(error.instance, ensure_ascii=False, default=str)
            meaning = _description([*error.absolute_schema_path])
            yield _Problem(setting, f"`{name:.100}` is {value:.60} but must be {meaning}")


def _description(schema_path: Sequence[Any]) -> str:
    """Find the innermost description on the way to a rule of the schema."""
    schema: Any = _validator().schema
    node, description = schema, schema["description"]
    for step in schema_path:
        if isinstance(node, dict) and step not in node:  # references are not steps of the path
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        node = node[step]
        if isinstance(node, dict):
            description = node.get("description", description)
    return str(description)


def _column_problems(facts: Any, columns: Mapping[str, Column]) -> Iterator[_Problem]:
    reader = facts.get("reader", {})
    settings = ("columns", "units", "dates", "values", "constants")
    named: list[tuple[_Setting, str]] = [
        ((setting, name), name) for setting in settings for name in facts.get(setting, {})
    ]
    if "access" in facts:
        named.append((("access",), "access"))
    if "sheet_name_is" in reader:
        named.append((("reader", "sheet_name_is"), reader["sheet_name_is"]))
    if "unpivot" in reader:
        named += [(("reader", "unpivot", k), reader["unpivot"][k]) for k in ("name", "value")]
    for setting, name in named:
        if name not in columns:
            yield _Problem(setting, f"the kind has no column `{name:.60}`", name, columns)
    for said, meanings in _FOR.items():
        fitting = [column.name for column in columns.values() if column.parse in meanings]
        for name in (facts.get(said, {}).keys() & columns.keys()) - set(fitting):
            sentence = f"`{said}` says nothing of `{name}`, whose cells are other texts"
            yield _Problem((said, name), sentence, name, fitting)
    yield from _word_problems(facts, columns)


def _word_problems(facts: Any, columns: Mapping[str, Column]) -> Iterator[_Problem]:
    """Check that what `values` and `constants` say is in the vocabulary of its column."""
    said: list[tuple[_Setting, str]] = [
        (("constants", name), word) for name, word in facts.get("constants", {}).items()
    ]
    for name, words in facts.get("values", {}).items():
        said += [(("values", name, other), word) for other, word in words.items()]
        if name in columns and not columns[name].words:
            with_words = [column.name for column in columns.values() if column.words]
            sentence = f"`{name}` has no vocabulary to map to"
            yield _Problem(("values", name), sentence, name, with_words)
    for setting, word in said:
        column = columns.get(str(setting[1]))
        vocabulary = tuple(column.words) if column else ()
        if vocabulary and word not in vocabulary:
            yield _Problem(setting, f"`{setting[1]}` has no word `{word:.60}`", word, vocabulary)


def _lines(
    node: yaml.Node | None, line: int = 1, setting: _Setting = ()
) -> Iterator[tuple[_Setting, int]]:
    """Return each setting with its line, counted from 1."""
    yield setting, line
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _lines(value, name.start_mark.line + 1, (*setting, name.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, item.start_mark.line + 1, (*setting, index))
