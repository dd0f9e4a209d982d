"""From words on a command line to settings, by the rules of vLLM's own parser (0.32, `FlexibleArgumentParser`).

`--a_b` is `--a-b`; an unambiguous beginning is the option; `--cfg.key value` is a part of the JSON object `--cfg`, and
`--cfg.key+ a,b` adds to a list in it; `-cc.mode=0`; `-O3`, `-O 3`, `-O=3`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nim_profiles.vllm_args.options import Kind, Option, Options

_WHOLE = re.compile(r"\s*(?:-?\d+|\d+(?:\.\d+)?[kmgt]|\d+[KMGT])\s*")
_NEGATIVE_NUMBER = re.compile(r"-\d+|-\d*\.\d+")
_TYPES = {
    "json": "JSON",
    "whole": "a whole number such as 4096, 4k or 4K",
    "int": "a whole number",
    "float": "a number",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One option with what was given to it."""

    name: str
    """The option's first flag, or, for an option nobody knows, the flag as written."""
    values: tuple[str, ...] = ()
    off: bool = False
    """True for `--no-x`."""
    part: bool = False
    """True if the value is a part of a JSON object: it is merged into the rest."""
    repeats: bool = False
    """True if giving it again adds instead of replacing."""


@dataclass(slots=True)
class Parsed:
    settings: list[Setting] = field(default_factory=list)
    positionals: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What vLLM would refuse, each in one line with its fix."""


def parse(words: Sequence[str], options: Options) -> Parsed:
    """Never raises: what vLLM would refuse is in `faults`, and what has a fault is passed on as it was written."""
    parsed = Parsed()
    rest = [_level(word) for word in words]
    while rest:
        word = rest.pop(0)
        if word == "-O" and rest and rest[0] in {"0", "1", "2", "3"}:
            word = "--optimization-level"
        if word == "--":
            parsed.positionals += rest
            break
        if not word.startswith("-") or word == "-" or _NEGATIVE_NUMBER.fullmatch(word):
            parsed.positionals.append(word)
            continue
        flag, equals, attached = word.partition("=")
        head, dot, path = flag.partition(".")
        if head.startswith("--"):
            head = head.replace("_", "-")
        values = [attached] if equals else []
        option = _option(head, options, parsed, values)
        if option is None:
            _take(rest, values, equals)
            parsed.settings.append(Setting(head + dot + path, tuple(values)))
        elif dot:
            if not values and rest:
                values.append(rest.pop(0))
            _part(option, path, values, parsed)
        else:
            _whole(option, head, values, rest, parsed)
    return parsed


def _level(word: str) -> str:
    """`-O3` and `-O=3` are `--optimization-level 3`."""
    if word.startswith("-O") and len(word) > 2:
        return f"--optimization-level={word[2:].removeprefix('=')}"
    return word


def _take(rest: list[str], values: list[str], equals: str) -> None:
    """Values of an option that nobody knows: whatever follows and is no flag."""
    while not equals and rest and not _is_flag(rest[0]):
        values.append(rest.pop(0))


def _is_flag(word: str) -> bool:
    return word.startswith("-") and word != "-" and " " not in word and not _NEGATIVE_NUMBER.fullmatch(word)


def _option(head: str, options: Options, parsed: Parsed, values: list[str]) -> Option | None:
    """The option behind `head`; takes a value that is glued to a short flag (`-n4`) into `values`."""
    if head in options.by_flag:
        return options.by_flag[head]
    if not head.startswith("--") and (short := options.by_flag.get(head[:2])) and head[2:].isdigit():
        values.insert(0, head[2:])
        return short
    begun = {option.name: option for flag, option in options.by_flag.items() if flag.startswith(head)}
    if len(begun) == 1:
        return next(iter(begun.values()))
    if begun:
        parsed.faults.append(f"{head} may mean {', '.join(sorted(begun))}: write one of them out")
    else:
        near = options.near(head)
        fix = f"did you mean {near}?" if near else "remove it"
        parsed.faults.append(f"{head} is no option of vLLM {options.version}: {fix}")
    return None


def _part(option: Option, path: str, values: list[str], parsed: Parsed) -> None:
    where = f"{option.name}.{path}"
    if not option.type.startswith("json"):
        parsed.faults.append(f"{where}: {option.name} is no JSON object, so it has no parts: write {option.name} VALUE")
    if not values:
        parsed.faults.append(f"{where} has no value: give one")
        return
    nested: Any = _json_or_text(values[0])  # Any: JSON
    if path.endswith("+"):
        path, nested = path[:-1], values[0].split(",")
    for key in reversed(path.split(".")):
        nested = {key: nested}
    parsed.settings.append(Setting(option.name, (json.dumps(nested),), part=True))


def _json_or_text(text: str) -> Any:  # Any: JSON
    try:
        return json.loads(text)
    except ValueError:
        return int_of(text) if _WHOLE.fullmatch(text) else text


def int_of(text: str) -> int:
    """VLLM's whole numbers: `1k` is 1000, `1K` is 1024, `1.5k` is 1500. Raises ValueError for anything else."""
    text = text.strip()
    scale = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    if text[-1:] in scale and _WHOLE.fullmatch(text):
        return int(float(text[:-1]) * scale[text[-1]])
    return int(text)


def _whole(option: Option, head: str, values: list[str], rest: list[str], parsed: Parsed) -> None:
    glued = bool(values)
    off = option.kind is Kind.PAIR and head.startswith("--no-") and head != option.name
    if option.kind in (Kind.PAIR, Kind.SWITCH):
        if values:
            way = f"{option.name} or --no-{option.name[2:]}" if option.kind is Kind.PAIR else option.name
            parsed.faults.append(f"{head}={values[0]}: takes no value: write {way}")
    elif option.kind is Kind.LIST:
        while not glued and rest and not _is_flag(rest[0]):
            values.append(rest.pop(0))
    elif not values and rest and not _is_flag(rest[0]):
        values.append(rest.pop(0))
    if not values and option.kind in (Kind.VALUE, Kind.APPEND, Kind.LIST):
        parsed.faults.append(f"{option.name} has no value: give one")
    for value in values:
        if option.kind not in (Kind.PAIR, Kind.SWITCH) and (why := _objection(option, value)):
            parsed.faults.append(f"{option.name} is {value!r}: {why}")
    parsed.settings.append(Setting(option.name, tuple(values), off=off, repeats=option.kind is Kind.APPEND))


def _objection(option: Option, value: str) -> str | None:
    if (value == "" and option.optional) or (not option.choices and option.type == "text"):
        return None
    if option.choices:
        return None if value in option.choices else f"write one of {', '.join(option.choices)}"
    if option.type == "whole_or_auto" and value.strip().lower() in {"auto", "-1"}:
        return None
    try:
        _convert(option.type, value)
    except ValueError:
        return f"write {_TYPES['whole' if option.type.startswith('whole') else option.type]}"
    return None


def _convert(type_: str, value: str) -> None:
    """Raises ValueError where vLLM would."""
    match type_:
        case "int":
            int(value)
        case "float":
            float(value)
        case "whole" | "whole_or_auto":
            int_of(value)
        case "json" if not _human_json(value):
            json.loads(value)


def _human_json(value: str) -> bool:
    """True where a JSON text has numbers such as `80g`, which vLLM writes out itself before it reads the text."""
    return re.search(r"[:\[,]\s*\d+(?:\.\d+)?[kKmMgGtT]\s*[,}\]]", value) is not None


def deep_merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """JSON objects: `high` wins, objects in both are merged, anything else is replaced."""
    merged = dict(low)
    for key, value in high.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = deep_merge(merged[key], value) if both else value
    return merged
