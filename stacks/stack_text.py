"""Adding to a stack file as a person would: what stands in it, comments included, stays byte by byte."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from stacks.faults import BadStackFile, Fault
from stacks.settings import PROJECT


def with_entries(text: str, file: str, key: str, entries: Mapping[str, Any]) -> str:
    """`text` with `entries` first below `nim:KEY`, or with that key. Raises BadStackFile for a name that is there."""
    config = yaml.safe_load(text)["config"]
    if twice := sorted(entries.keys() & (config.get(f"{PROJECT}:{key}") or {}).keys()):
        fault = "stands there already; rename it, or take its endpoint's `adopt` from `nim-profiles adopt`"
        raise BadStackFile([Fault(file, f"{PROJECT}:{key}.{name}", fault) for name in twice])
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines):
        if found := re.fullmatch(rf"(\s+){PROJECT}:{key}:\s*(#.*)?\n?", line):
            indent = _indent(lines[place + 1 :], len(found[1]) + 2)
            return "".join([*lines[: place + 1], _block(entries, indent), *lines[place + 1 :]])
    if f"{PROJECT}:{key}" in config:
        raise BadStackFile([Fault(file, f"{PROJECT}:{key}", "stands on one line; write its entries below it")])
    return with_key(text, key, dict(entries))


def with_key(text: str, key: str, value: Any) -> str:
    """`text` with the key last in its config."""
    lines = text.splitlines(keepends=True)
    start = next(place for place, line in enumerate(lines) if re.match(r"config:", line))
    ends = (place for place, line in enumerate(lines[start + 1 :], start + 1) if re.match(r"[^\s#]", line))
    end = next(ends, len(lines))
    if lines[end - 1][-1:] != "\n":
        lines[end - 1] += "\n"
    indent = _indent(lines[start + 1 :], 2)
    return "".join([*lines[:end], _block({f"{PROJECT}:{key}": value}, indent), *lines[end:]])


def _indent(below: list[str], otherwise: int) -> int:
    first = next((line for line in below if line.strip() and not line.lstrip().startswith("#")), "")
    found = len(first) - len(first.lstrip())
    return found or otherwise


def _block(entries: Mapping[str, Any], indent: int) -> str:
    text = yaml.safe_dump(dict(entries), sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"{' ' * indent}{line}" for line in text.splitlines(keepends=True))
