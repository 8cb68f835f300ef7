"""Reading and checking source.yml.

Belongs here: YAML to facts and types, and the sentence that tells an analyst which line to correct
and how. Doesn't: which files a source has (registry). The rules are in source_schema.json; the
`description` of a setting there completes the sentence "it must be ...".
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

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

_MOST_BYTES = 200_000

_Problem = tuple[list[Any], str]


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


class _Loader(yaml.SafeLoader):
    """Leaves dates as text, for the schema to check, and Yes and No, which are words of lists.

    Only `true` and `false` are truth values, as in YAML 1.2. Aliases are refused: a few lines of
    them stand for more text than there is memory.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            resolver for resolver in resolvers if not resolver[0].endswith((":timestamp", ":bool"))
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias is not read here", problem_mark=mark)
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), "tf")


def read_source_yml(
    path: Path, label: str, columns: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """Read the facts of a source.yml, as `parse_source_yml` returns them."""
    if not path.exists():
        raise LedgerError(f"{label} is missing; write one with the facts of the source")
    if not path.exists():
        raise LedgerError(f"{label} is missing; write one with the facts of the source")
    try:
        with files.open_file(path) as file:
            text = file.read(_MOST_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{label} is not in UTF-8; save it again in that encoding") from error
    except LedgerError as error:
        raise LedgerError(f"{label}: {error}") from error
    return parse_source_yml(text, label, columns)


def parse_source_yml(
    text: str, label: str, columns: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """Return the facts that the text of a source.yml states, dates as ISO text.

    `label` is the file's name in messages, `columns` are those of its kind, each with the words of
    its vocabulary. Raises LedgerError.
    """
    tree, facts = _parse(text, label)
    problems = [*_schema_problems(facts)] or [*_column_problems(facts, columns)]
    if problems:
        line, problem = min((_line(tree, setting), problem) for setting, problem in problems)
        raise LedgerError(f"{label}, line {line}: {problem}")
    return dict(facts)


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


def _parse(text: str, label: str) -> tuple[yaml.Node | None, Any]:
    """Return the nodes, which know their lines, and the facts made of them."""
    if len(text) > _MOST_BYTES:
        raise LedgerError(f"{label} has over {_MOST_BYTES:,} bytes; shorten it to a few pages")
    try:
        tree = yaml.compose(text, Loader=_Loader)
        return tree, tree and yaml.constructor.SafeConstructor().construct_document(tree)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LedgerError(
            f"{label}, line {line}: this is not YAML ({error.problem}); "
            "check colons, quotation marks and indentation around this line"
        ) from error
    except RecursionError as error:
        raise LedgerError(f"{label} is nested too deep; write it without brackets") from error
    except yaml.YAMLError as error:
        raise LedgerError(f"{label} holds characters that YAML forbids; remove them") from error


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("source_schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _schema_problems(facts: Any) -> Iterator[_Problem]:
    for error in _validator().iter_errors(facts):
        setting = list(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema["properties"]
            for name in error.instance.keys() - known.keys():
                yield [*setting, name], f"`{name}` is not a setting; {nearest(str(name), known)}"
        elif error.validator == "required":
            for name in [name for name in error.validator_value if name not in error.instance]:
                rules = [step for step in [*error.absolute_schema_path][:-1] if step != "then"]
                meaning = _description([*rules, "properties", name])
                yield setting, f"`{name}` is missing; add a line `{name}:` with {meaning}"
        else:
            name = ".".join(map(str, setting)) or "the file"
            value = json.dumps(error.instance, ensure_ascii=False, default=str)
            meaning = _description([*error.absolute_schema_path])
            yield setting, f"`{name}` is {value:.60} but must be {meaning}"


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


def _column_problems(facts: Any, columns: Mapping[str, Collection[str]]) -> Iterator[_Problem]:
    reader = facts.get("reader", {})
    settings = ("columns", "units", "dates", "values", "constants")
    named = [([setting, name], name) for setting in settings for name in facts.get(setting, {})]
    if "access" in facts:
        named.append((["access"], "access"))
    if "sheet_name_is" in reader:
        named.append((["reader", "sheet_name_is"], reader["sheet_name_is"]))
    if "unpivot" in reader:
        named += [(["reader", "unpivot", k], reader["unpivot"][k]) for k in ("name", "value")]
    for setting, name in named:
        if name not in columns:
            yield setting, f"the kind has no column `{name}`; {nearest(str(name), columns)}"
    yield from _word_problems(facts, columns)


def _word_problems(facts: Any, columns: Mapping[str, Collection[str]]) -> Iterator[_Problem]:
    """Check that what `values` and `constants` say is in the vocabulary of its column."""
    said = [(["constants", name], word) for name, word in facts.get("constants", {}).items()]
    for name, words in facts.get("values", {}).items():
        said += [(["values", name, other], word) for other, word in words.items()]
        if name in columns and not columns[name]:
            with_words = [column for column, words in columns.items() if words]
            yield (
                ["values", name],
                f"`{name}` has no vocabulary to map to; {nearest(name, with_words)}",
            )
    for setting, word in said:
        vocabulary = columns.get(setting[1])
        if vocabulary and word not in vocabulary:
            yield setting, f"`{setting[1]}` has no word `{word}`; {nearest(word, vocabulary)}"


def _line(tree: yaml.Node | None, setting: Sequence[Any]) -> int:
    """Return the 1-based line of a setting such as ["reader", "sheets", 0]."""
    line, node = 1, tree
    for step in setting:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(step)]
            key, node = pairs[-1]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
