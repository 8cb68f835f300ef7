"""The committed lists of open models read by the plainest means, for the recomputation of reports.

Nothing of the product is used; what is here is written for the names that these lists hold.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

Model = dict[str, Any]

_FULL_PRECISION = {"", "none", "16bit", "fp16", "f16", "32bit", "fp32"}
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


def read_models(raw: Path, seeds: Path) -> pd.DataFrame:
    """Return the models of the newest snapshot.

    Columns: model_id, organisation_id, day (NaT when no list dates it), is_dated_to_day, form
    (original, adapter or copy), first_seen, base_id (None when it descends from no known model).
    """
    snapshots = sorted(raw.glob("open_models/*/*.csv"))
    names, kinds = (lines(seeds / f"organisation_{name}.csv") for name in ("names", "types"))
    owners = {name_key(row["name"]): row["organisation_id"] for row in names}
    types = {row["organisation_id"]: row["organisation_type"] for row in kinds}
    bases = {row["base_model_key"]: row["model_id"] for row in lines(seeds / "base_models.csv")}
    stated = {row["model_id"]: row["base_model_id"] for row in lines(seeds / "model_bases.csv")}

    listed = {path: [_listing(row, owners) for row in entries(path)] for path in snapshots}
    makers: dict[str, set[str]] = {}
    for listing in chain.from_iterable(listed.values()):
        if listing["organisation_id"]:
            makers.setdefault(listing["key"], set()).add(listing["organisation_id"])
    models: dict[str, Model] = {}
    first_seen: dict[str, pd.Timestamp] = {}
    for path, listings in listed.items():
        for listing in listings:
            if not listing["organisation_id"] and len(makers.get(listing["key"], ())) == 1:
                [listing["organisation_id"]] = makers[listing["key"]]
            parts = (listing["organisation_id"], listing["key"])
            listing["model_id"] = "/".join(filter(None, parts))
            first_seen.setdefault(listing["model_id"], pd.Timestamp(path.stem))
            if path == snapshots[-1]:
                _add(models.setdefault(listing["model_id"], {}), listing)
    _judge(models, bases, types)
    for name, model in models.items():
        base = model["copy_of"] or stated.get(name) or bases.get(model["base"])
        model["base_id"] = base if base in models and base != name else None
        model["first_seen"] = first_seen[name]
        model["day"] = last_day(model["printed"]) if model["printed"] else pd.NaT
        model["is_dated_to_day"] = len(model["printed"]) == len("2023-06-09")
    columns = ["model_id", "organisation_id", "day", "is_dated_to_day", "form", "first_seen"]
    return pd.DataFrame(list(models.values()), columns=[*columns, "base_id"])


def covered_days(raw: Path) -> pd.DatetimeIndex:
    """Return the days between a list's first and last, without empty stretches of half a year.

    What lies between two such stretches needs a tenth of the list's dated models to count.
    """
    covered: set[pd.Timestamp] = set()
    for folder in {path.parent for path in raw.glob("open_models/*/*.csv")}:
        printed = [row["Release date"] for row in entries(max(folder.glob("*.csv")))]
        days = sorted(last_day(text) for text in printed if len(text) == len("2023-06-09"))
        parts: list[list[pd.Timestamp]] = []
        for day in days:
            if not parts or day - parts[-1][-1] > pd.Timedelta(days=180):
                parts.append([])
            parts[-1].append(day)
        for part in parts:
            if 10 * len(part) >= len(days):
                covered.update(pd.date_range(part[0], part[-1]))
    return pd.DatetimeIndex(sorted(covered))


def entries(snapshot: Path) -> Iterator[dict[str, str]]:
    """Yield the open models of a list; 404 and ? only say that there is no value."""
    for row in lines(snapshot):
        if row["Derivation"].lower() != "tool" and row["Licence"] != "weights not released":
            yield {name: "" if text in {"404", "?"} else text for name, text in row.items()}


def lines(path: Path) -> list[dict[str, str]]:
    """Read a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def name_key(name: str) -> str:
    """Return the name without case, spaces and punctuation; a separator of digits stays."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("&", "and").replace("+", "plus")
    marked = re.sub(r"(?<=\d)[ ._-]+(?=\d)", lambda m: "." if "." in m[0] else "-", plain)
    return re.sub(r"(?<!\d)[.-]|[.-](?!\d)|[^\w.-]|_", "", marked)


def last_day(printed: dt.datetime | str) -> pd.Timestamp:
    """Return the day, or the last day of the month (2021-07, 2021/07) or the year (2019)."""
    text = str(printed.date()) if isinstance(printed, dt.datetime) else printed
    day: pd.Timestamp = pd.Period(text.replace("/", "-")).end_time.normalize()
    return day


def _listing(row: Mapping[str, str], owners: Mapping[str, str]) -> Model:
    name = re.sub("/tree/.*|/$", "", row["Model"])
    words = [word for word in re.split(r"[\s_/-]+|(?<!\d)\.|\.(?!\d)", name) if word]
    marks = _marks([word.lower() for word in words])
    stem = [word for word, mark in zip(words, marks, strict=True) if mark in (None, "adapter")]
    maker = row["Organisation"].partition("/")[0]
    return {
        "organisation_id": owners.get(name_key(maker), name_key(maker)),
        "key": name_key("-".join(word for word in words if word.lower() not in _HUB_FORMAT)),
        "stem": name_key("-".join(stem)),
        "family": _family(stem),
        "has_size": any(re.fullmatch(r".*?\d+(\.\d+)?[bm]", word.lower()) for word in stem),
        "marks": {mark for mark in marks if mark} | {"merged"} & {*name.lower().split("-")},
        "printed": row["Release date"],
        "base": name_key(row["Base model"]),
        "base_family": _family(re.split(r"[\s-]+", row["Base model"])),
        "is_adapter": row["Derivation"] == "adapter",
        "is_quantised": row["Derivation"].lower() == "quantization"
        or row["Quantisation"].lower() not in _FULL_PRECISION
        or "gg" in row["Format"].lower(),
    }


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
    """Add a listing to its model: the longest date decides, the first base that is stated."""
    if not model:
        model.update(listing)
        return
    model["printed"] = max(model["printed"], listing["printed"], key=len)
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
