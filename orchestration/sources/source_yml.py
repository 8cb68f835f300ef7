"""Reading and checking source.yml.

Belongs here: YAML to facts, and the sentence that tells an analyst which line to correct and
how. Doesn't: which files a source has (registry). The rules are in source_schema.json; the
`description` of a setting there completes the sentence "it must be ...".
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from orchestration.errors import LedgerError

_MOST_BYTES = 200_000


class SourceError(LedgerError):
    """A source that can't be used; its text is one sentence with file, line and fix."""


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


def read_source_file(
    path: Path, shown: str, columns: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """Read the facts of a source.yml, dates as ISO text.

    `shown` is the file's name in messages, `columns` are those of its kind, each with the words of
    its vocabulary. Raises SourceError.
    """
    tree, facts = _parse(path, shown)
    problems = [*_schema_problems(facts)] or [*_column_problems(facts, columns)]
    if problems:
        line, problem = min((_line(tree, place), problem) for place, problem in problems)
        raise SourceError(f"{shown}, line {line}: {problem}")
    return dict(facts)


def nearest(name: str, names: Collection[str]) -> str:
    """Say which of the names was probably meant."""
    close = get_close_matches(name, names, n=1)
    return f"did you mean `{close[0]}`?" if close else f"there are {', '.join(names)}"


def _parse(path: Path, shown: str) -> tuple[yaml.Node | None, Any]:
    """Give the nodes, which know their lines, and the facts made of them."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SourceError(f"{shown} has over {_MOST_BYTES:,} bytes; shorten it to a few pages")
        tree = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
        return tree, tree and yaml.constructor.SafeConstructor().construct_document(tree)
    except FileNotFoundError as error:
        raise SourceError(f"{shown} is missing; write one with the facts of the source") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{shown} is not in UTF-8; save it again in that encoding") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SourceError(
            f"{shown}, line {line}: this is not YAML ({error.problem}); "
            "check colons, quotation marks and indentation around this line"
        ) from error
    except RecursionError as error:
        raise SourceError(f"{shown} is nested too deep; write it without brackets") from error
    except yaml.YAMLError as error:
        raise SourceError(f"{shown} holds characters that YAML forbids; remove them") from error


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("source_schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _schema_problems(facts: Any) -> Iterator[tuple[list[Any], str]]:
    for error in _validator().iter_errors(facts):
        place = list(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema["properties"]
            for name in error.instance.keys() - known.keys():
                yield [*place, name], f"`{name}` is not a setting; {nearest(str(name), known)}"
        elif error.validator == "required":
            for name in [name for name in error.validator_value if name not in error.instance]:
                rules = [step for step in [*error.absolute_schema_path][:-1] if step != "then"]
                meaning = _description([*rules, "properties", name])
                yield place, f"`{name}` is missing; add a line `{name}:` with {meaning}"
        else:
            name = ".".join(map(str, place)) or "the file"
            value = json.dumps(error.instance, ensure_ascii=False, default=str)
            meaning = _description([*error.absolute_schema_path])
            yield place, f"`{name}` is {value:.60} but must be {meaning}"


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


def _column_problems(
    facts: Any, columns: Mapping[str, Collection[str]]
) -> Iterator[tuple[list[Any], str]]:
    reader = facts.get("reader", {})
    settings = ("columns", "units", "dates", "values", "constants")
    named = [([setting, name], name) for setting in settings for name in facts.get(setting, {})]
    if "sheet_name_is" in reader:
        named.append((["reader", "sheet_name_is"], reader["sheet_name_is"]))
    if "unpivot" in reader:
        named += [(["reader", "unpivot", k], reader["unpivot"][k]) for k in ("name", "value")]
    for place, name in named:
        if name not in columns:
            yield place, f"the kind has no column `{name}`; {nearest(str(name), columns)}"
    yield from _word_problems(facts, columns)


def _word_problems(
    facts: Any, columns: Mapping[str, Collection[str]]
) -> Iterator[tuple[list[Any], str]]:
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
    for place, word in said:
        vocabulary = columns.get(place[1])
        if vocabulary and word not in vocabulary:
            yield place, f"`{place[1]}` has no word `{word}`; {nearest(word, vocabulary)}"


def _line(tree: yaml.Node | None, place: Sequence[Any]) -> int:
    """1-based line of the setting at a place such as ["reader", "sheets", 0]."""
    line, node = 1, tree
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(step)]
            key, node = pairs[-1]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
