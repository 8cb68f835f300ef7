"""The committed lists of open models read by the plainest means, for the recomputation of reports.

Nothing of the product is used; what is here is written for the names that these lists hold.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

Model = dict[str, Any]

_FULL_PRECISION = {"", "none", "16bit", "fp16", "f16", "32bit", "fp32"}
_COLUMNS = (
    *("Model", "Organisation", "Base model", "Quantisation", "Format", "Licence", "Release date"),
    *("Derivation", "Access", "Entry type"),
)
_OF_MANY = {
    *("lab", "labs", "laboratory", "laboratories", "research", "university", "institute"),
    *("academy", "team", "org", "hq", "inc", "group", "community", "technologies", "technology"),
    *("company", "foundation", "project", "official", "the", "of"),
}
_SMALL = {"of", "for", "the", "and", "in", "at", "de", "la"}
_HUB_FORMAT = {"hf", "transformers", "4.29", "safetensors"}
_QUANTISED = re.compile(r"gptq|ggml|ggjt|int4|[48]bit|q[248]|quant(ized)?")
_BESIDE_QUANTISED = re.compile(r"\d|\d+g|gr\d+|no|act|order|cuda|triton")
_MARKS = {
    **dict.fromkeys(("fp16", "f16", "16bit", "sharded"), "converted"),
    **dict.fromkeys(_HUB_FORMAT, "repackaged"),
    **dict.fromkeys(("merged", "unquantized"), "repackaged"),
    **dict.fromkeys(("delta", "xor"), "partial"),
    **dict.fromkeys(("lora", "qlora", "roleplaylora", "adapter"), "adapter"),
}


def read_models(raw: Path, seeds: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the models of the newest snapshot of each list, and which list holds which.

    Columns of the first: model_id, organisation_id, day (NaT when no list dates it),
    is_dated_to_day, form (original, adapter or copy), base_id (None when it descends from no known
    model). Of the second: source, model_id, first_seen.
    """
    names, kinds = (lines(seeds / f"organisation_{name}.csv") for name in ("names", "types"))
    owners = {row["maker_key"]: row["organisation_id"] for row in names}
    types = {row["organisation_id"]: row["organisation_type"] for row in kinds}
    bases = {row["base_model_key"]: row["model_id"] for row in lines(seeds / "base_models.csv")}
    stated = {row["model_id"]: row["base_model_id"] for row in lines(seeds / "model_bases.csv")}

    snapshots = sorted(raw.glob("open_models/*/*.csv"))
    newest = {max(folder.glob("*.csv")) for folder in {path.parent for path in snapshots}}
    listed = {path: [_listing(row) for row in entries(path)] for path in snapshots}
    _name_owners([*chain.from_iterable(listed.values())], owners)
    models: dict[str, Model] = {}
    held: dict[tuple[str, str], pd.Timestamp] = {}
    for path in snapshots:
        for listing in listed[path]:
            if not listing["is_fact"]:
                held.setdefault((path.parent.name, listing["model_id"]), pd.Timestamp(path.stem))
            if path in newest:
                _add(models.setdefault(listing["model_id"], {}), listing)
    _judge(models, bases, types)
    namesakes = Counter(model["key"] for model in models.values())
    only = {m["key"]: name for name, m in models.items() if namesakes[m["key"]] == 1}
    for name, model in models.items():
        base = model["copy_of"] or stated.get(name) or bases.get(model["base"])
        base = base or only.get(model["base"])
        model["base_id"] = base if base in models and base != name else None
        model["day"] = last_day(model["printed"]) if model["printed"] else pd.NaT
        model["is_dated_to_day"] = len(model["printed"]) == len("2023-06-09")
    current = {path.parent.name: {m["model_id"] for m in listed[path]} for path in newest}
    listings = pd.DataFrame(
        [(source, name, day) for (source, name), day in held.items() if name in current[source]],
        columns=["source", "model_id", "first_seen"],
    )
    columns = ["model_id", "organisation_id", "day", "is_dated_to_day", "form", "base_id"]
    return pd.DataFrame(list(models.values()), columns=columns), listings


def covered_days(raw: Path) -> dict[str, pd.DatetimeIndex]:
    """Return the days between each list's first and last, without empty stretches of half a year.

    What lies between two such stretches needs a tenth of the list's dated models to count.
    """
    covered = {}
    for folder in {path.parent for path in raw.glob("open_models/*/*.csv")}:
        rows = [row for row in entries(max(folder.glob("*.csv"))) if not row["Entry type"]]
        printed = [row["Release date"] for row in rows]
        days = sorted(last_day(text) for text in printed if len(text) == len("2023-06-09"))
        parts: list[list[pd.Timestamp]] = []
        for day in days:
            if not parts or day - parts[-1][-1] > pd.Timedelta(days=180):
                parts.append([])
            parts[-1].append(day)
        held = [part for part in parts if 10 * len(part) >= len(days)]
        ranges = [pd.date_range(part[0], part[-1]) for part in held]
        if ranges:
            covered[folder.name] = pd.DatetimeIndex(sorted(chain.from_iterable(ranges)))
    return covered


def entries(snapshot: Path) -> Iterator[dict[str, str]]:
    """Yield the open models of a list; 404 and ? only say that there is no value."""
    for row in lines(snapshot):
        filled = dict.fromkeys(_COLUMNS, "") | row
        is_open = filled["Access"].startswith("Open") or not filled["Access"]
        is_model = filled["Derivation"].lower() != "tool"
        if is_open and is_model and filled["Licence"] != "weights not released":
            yield {name: "" if text in {"404", "?"} else text for name, text in filled.items()}


def lines(path: Path) -> list[dict[str, str]]:
    """Read a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def name_key(name: str) -> str:
    """Return the name without case, spaces and punctuation; a separator of digits stays.

    An "&" is the word unless it is the last of the name.
    """
    letters = unicodedata.normalize("NFKD", re.sub(r"[\u2010-\u2015]", "-", name))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = plain.casefold().strip().rstrip("&").replace("&", "and").replace("+", "plus")
    marked = re.sub(r"(?<=\d)[\W_]+(?=\d)", lambda m: "." if "." in m[0] else "-", plain)
    return re.sub(r"(?<!\d)[.-]|[.-](?!\d)|[^\w.-]|_", "", marked)


def last_day(printed: dt.datetime | str) -> pd.Timestamp:
    """Return the day, or the last day of the month (2021-07, 2021/07) or the year (2019)."""
    text = str(printed.date()) if isinstance(printed, dt.datetime) else printed
    day: pd.Timestamp = pd.Period(text.replace("/", "-")).end_time.normalize()
    return day


def _listing(row: Mapping[str, str]) -> Model:
    name = re.sub("/tree/.*|/$", "", row["Model"])
    words = [word for word in re.split(r"[\s_/-]+|(?<!\d)\.|\.(?!\d)", name) if word]
    marks = _marks([word.lower() for word in words])
    stem = [word for word, mark in zip(words, marks, strict=True) if mark in (None, "adapter")]
    return {
        "makers": [
            name for name in re.split(r"[,/&()]| and ", row["Organisation"]) if name.strip()
        ],
        "key": name_key("-".join(word for word in words if word.lower() not in _HUB_FORMAT)),
        "stem": name_key("-".join(stem)),
        "family": _family(stem),
        "has_size": any(re.fullmatch(r".*?\d+(\.\d+)?[bm]", word.lower()) for word in stem),
        "marks": {mark for mark in marks if mark} | {"merged"} & {*name.lower().split("-")},
        "printed": row["Release date"].replace("/", "-"),
        "base": name_key(row["Base model"]),
        "base_family": _family(re.split(r"[\s-]+", row["Base model"])),
        "is_adapter": row["Derivation"] == "adapter",
        "is_quantised": row["Derivation"].lower() == "quantization"
        or row["Quantisation"].lower() not in _FULL_PRECISION
        or "gg" in row["Format"].lower(),
        "is_fact": row["Entry type"] == "fact",
    }


def _name_owners(listings: list[Model], owners: Mapping[str, str]) -> None:
    """Name the maker of each listing's model: listings of one name with a maker in common are one.

    Makers are the same when one is the beginning of the other.
    """
    by_name: dict[str, list[Model]] = {}
    for listing in listings:
        by_name.setdefault(listing["key"], []).append(listing)
    for named in by_name.values():
        groups: list[set[tuple[str, str]]] = []  # what a maker is compared by, its name's key
        for listing in named:
            group = {
                (owners.get(short, short), owners.get(short, _without_form(name_key(maker))))
                for maker in listing["makers"]
                for short in _maker_keys(maker)
            }
            listing["group"] = group
            near = [other for other in groups if group and _have_a_maker_in_common(group, other)]
            groups = [other for other in groups if other not in near]
            groups += [group.union(*near)] * bool(group)
        for listing in named:
            own = [group for group in groups if not listing["group"] or listing["group"] <= group]
            makers = {name for _, name in own[0]} if len(own) == 1 else set()
            known = makers & {*owners.values()}
            listing["organisation_id"] = min(known or makers, default="")
            parts = (listing["organisation_id"], listing["key"])
            listing["model_id"] = "/".join(filter(None, parts))


def _have_a_maker_in_common(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> bool:
    return any(_begins(a, b) or _begins(b, a) for a in one for b in other)


def _begins(shorter: tuple[str, str], longer: tuple[str, str]) -> bool:
    """Whether a maker's key begins with another's: initials that are not its name need four."""
    key, name = shorter
    letters = 3 if key == name else 4
    return key == longer[0] or (len(key) >= letters and longer[0].startswith(key))


def _without_form(key: str) -> str:
    return re.sub("(inc|corporation|ltd)$", "", key)


def _maker_keys(maker: str) -> set[str]:
    """Return a maker's name without the words that many have, and its initials if it has three."""
    words = [name_key(word) for word in re.split(r"[\s_-]+", maker) if name_key(word)]
    short = "".join([word for word in words if word not in _OF_MANY] or words)
    short = re.sub(r"(?<=...)(forai|ai|labs?|research|team|org|hq|inc)$", "", short)
    initials = [word[0] for word in maker.split() if word.lower() not in _SMALL]
    return {short} | ({name_key("".join(initials))} if len(initials) > 2 else set())


def _marks(words: list[str]) -> list[str | None]:
    marks: list[str | None] = []
    for place, word in enumerate(words):
        if _QUANTISED.fullmatch(word) or (
            place and marks[-1] == "quantised" and _BESIDE_QUANTISED.fullmatch(word)
        ):
            marks.append("quantised")
        else:
            marks.append(_MARKS.get(word) if place else None)
    return marks


def _family(words: Iterable[str]) -> str:
    bare = (re.sub(r"\d+(\.\d+)?[bm]$", "", word.lower()) for word in words)
    return name_key("-".join(word for word in bare if not re.fullmatch(r"v?\d+(\.\d+)*", word)))


def _add(model: Model, listing: Model) -> None:
    """Add a listing to its model: the first of the most exact days decides, but for a fact's."""
    if not model:
        model.update(listing)
        return
    dated = [one for one in (model, listing) if one["printed"]]
    by_exactness = sorted(dated, key=lambda m: (not m["is_fact"], -len(m["printed"]), m["printed"]))
    for best in by_exactness[:1]:
        model |= {"printed": best["printed"], "is_fact": best["is_fact"]}
    model["marks"] &= listing["marks"]
    for fact in ("is_adapter", "is_quantised"):
        model[fact] = model[fact] or listing[fact]
    if not model["base"]:
        model["base"], model["base_family"] = listing["base"], listing["base_family"]


def _judge(models: Mapping[str, Model], bases: Mapping[str, str], types: Mapping[str, str]) -> None:
    """Say of each model whether it is an original, an adapter or a copy, and of which it is one."""
    by_stem: dict[str, list[Model]] = {}
    for model in models.values():
        marks = model["marks"]
        is_lora = "adapter" in marks and "merged" not in marks
        if "quantised" in marks:
            model["form"] = "copy"
        elif is_lora or model["is_adapter"]:
            model["form"] = "adapter"
        else:
            is_copy = model["is_quantised"] or "converted" in marks
            model["form"] = "copy" if is_copy else None
        model["is_known"] = types.get(model["organisation_id"], "community") != "community"
        # Of LoRA weights merged into their base, and of a hub's format, only whose they are tells.
        model["is_repackaged"] = bool(marks & {"repackaged", "adapter"}) and not is_lora
        if model["form"] != "copy":
            by_stem.setdefault(model["stem"], []).append(model)
    leaders = {stem: min(group, key=_rank) for stem, group in by_stem.items()}
    families: dict[str, Model] = {}
    for leader in sorted(leaders.values(), key=lambda m: (not m["is_known"], m["model_id"])):
        if leader["stem"] == leader["family"]:
            families.setdefault(leader["family"], leader)
    for model in models.values():
        _relate(model, models.get(bases.get(model["base"], "")), leaders, families)
        if model["form"] is None:
            model["form"] = "copy" if _is_copy(model, {*bases.values()}) else "original"
    for model in models.values():
        like = models.get(model["like"] or "")
        if like and like["form"] == "copy":
            like = models.get(like["like"] or "", like)
        model["copy_of"] = like["model_id"] if like and model["form"] == "copy" else None


def _rank(model: Model) -> tuple[object, ...]:
    is_marked = bool(model["marks"] - {"partial"})
    day = last_day(model["printed"]) if model["printed"] else pd.Timestamp.max
    return (not model["is_known"], is_marked, day, model["model_id"])


def _relate(
    model: Model, base: Model | None, leaders: Mapping[str, Model], families: Mapping[str, Model]
) -> None:
    """Note what a model may be a copy of: by its name, by its family's, or by its base."""
    leader, family = leaders.get(model["stem"]), families.get(model["family"])
    if leader is model:
        leader = None
    if family and family["organisation_id"] == model["organisation_id"]:
        family = None
    is_own = model["family"] == model["base_family"] and base
    own = base if base and is_own and base["organisation_id"] != model["organisation_id"] else None
    is_makers = leader and base and leader["organisation_id"] == base["organisation_id"]
    like = (is_makers and leader) or own or leader or family
    model |= {"leader": leader, "own": own, "kin": family, "like": like and like["model_id"]}


def _is_copy(model: Model, heads: set[str]) -> bool:
    leader = model["leader"]
    return model["model_id"] not in heads and bool(
        model["own"]
        or (leader and (model["is_repackaged"] or (leader["is_known"] and model["has_size"])))
        or (model["kin"] and model["is_repackaged"] and not model["is_known"])
    )
