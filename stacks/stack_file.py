"""Reading a stack file, or the engine's view of it, into settings. Knows nothing of profiles; `plan` does."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from stacks.faults import BadStackFile, Fault, key_path
from stacks.settings import API_KEY, PROJECT, STAND_IN, Settings
from stacks.value_faults import fault_of

FOLDER = "stacks"


def stack_file_name(stack: str) -> str:
    return f"{FOLDER}/Pulumi.{stack}.yaml"


def read_raw(root: Path, stack: str) -> dict[str, Any]:
    """Our keys of a stack file, without their prefix. Raises BadStackFile: no such file, not YAML, a key twice."""
    name = stack_file_name(stack)
    path = root / name
    if not path.is_file():
        known = sorted(file.name.split(".")[1] for file in (root / FOLDER).glob("Pulumi.*.yaml"))
        raise BadStackFile([Fault(name, "", f"does not exist; stacks here: {', '.join(known) or 'none'}")])
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = " ".join(str(error).split())
        raise BadStackFile([Fault(name, "", f"is not YAML: {where}")]) from None
    config = content.get("config") if isinstance(content, dict) else None
    if node is None or not isinstance(config, dict):
        raise BadStackFile([Fault(name, "config", "is missing; write a mapping of nim: keys below it")])
    if bare := [Fault(name, f"config.{key}", f"lacks its prefix; write {PROJECT}:{key}") for key in _bare(config)]:
        raise BadStackFile(bare)
    if twice := [Fault(name, key, f"stands twice (line {line}); rename one") for key, line in _twice(node, ())]:
        raise BadStackFile(twice)
    prefix = f"{PROJECT}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if str(key).startswith(prefix)}


def _bare(config: Mapping[Any, Any]) -> list[Any]:
    """Keys without a project: the engine would take them for ours, and every other command for nobody's."""
    return [key for key in config if ":" not in str(key)]


def _twice(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Keys that one mapping holds more than once, as path and line; YAML itself would silently keep the last."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _twice(item, (*path, str(index)))
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            here = (*path, str(key.value))
            if key.value in seen:
                yield key_path(here[1:] if here[0] == "config" else here), key.start_mark.line + 1
            seen.add(key.value)
            yield from _twice(value, here)


def lacks_key(raw: Mapping[str, Any]) -> bool:
    """Whether the stack pulls from NVIDIA and has no key for it."""
    return raw.get("needs_ngc_key", True) is True and API_KEY not in raw


def with_stand_in(raw: Mapping[str, Any]) -> dict[str, Any]:
    """For a preview: what stands in for a key that is missing. An `up` refuses such a stack."""
    return {**raw, API_KEY: STAND_IN} if lacks_key(raw) else dict(raw)


def decode_config(config: Mapping[str, str]) -> dict[str, Any]:
    """The engine's flat config as `read_raw` gives it: objects arrive as JSON, and so do numbers inside them."""
    prefix = f"{PROJECT}:"
    raw = {}
    for key, value in config.items():
        if key.startswith(prefix):
            structured = value[:1] in ("{", "[") or value in ("true", "false")
            raw[key.removeprefix(prefix)] = json.loads(value) if structured else value
    return raw


def settings_of(raw: Mapping[str, Any], file: str) -> tuple[Settings | None, tuple[Fault, ...]]:
    """Settings, or what is wrong with them; `plan` adds what it knows before anything is raised."""
    try:
        return Settings.model_validate({key: value for key, value in raw.items() if key != API_KEY}), ()
    except ValidationError as error:
        return None, tuple(fault_of(detail, file) for detail in error.errors())
