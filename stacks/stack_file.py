"""Reading a stack file, or the engine's view of it, into settings. Knows nothing of profiles; `plan` does."""

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stacks.faults import BadStackFile, Fault
from stacks.settings import API_KEY, PROJECT, STAND_IN, Settings
from stacks.settings.endpoint import OBJECT_NAME, URL, VERSION
from stacks.settings.lora import ADAPTER_NAME
from stacks.settings.part import NAME

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
    if twice := [Fault(name, key, f"stands twice (line {line}); rename one") for key, line in _twice(node, ())]:
        raise BadStackFile(twice)
    prefix = f"{PROJECT}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if str(key).startswith(prefix)}


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


def key_path(location: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in location)


def settings_of(raw: Mapping[str, Any], file: str) -> tuple[Settings | None, tuple[Fault, ...]]:
    """Settings, or what is wrong with them; `plan` adds what it knows before anything is raised."""
    try:
        return Settings.model_validate({key: value for key, value in raw.items() if key != API_KEY}), ()
    except ValidationError as error:
        return None, tuple(_fault(detail, file) for detail in error.errors())


POOL_TAG_PLACE = 2
"""Where pydantic puts the tag of the union of pools: after `pools` and the pool's name."""


_PATTERNS = {
    NAME: ", which Kubernetes would refuse as a name; write lower-case letters, digits and '-', a letter first, "
    "no '-' last, at most 40 characters",
    ADAPTER_NAME: "; write letters, digits, '-', '_' and '.', a letter or digit first and last, at most 63 characters",
    URL: "; write an address that begins with http:// or https://",
    OBJECT_NAME: ", which cannot be the name of an object; write it as `kubectl get` prints it",
    VERSION: "; write three numbers, such as 0.32.0",
}
"""What a text should have been, by the pattern that it does not match."""
_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "string_type": "a text",
    "list_type": "a list",
    "date_from_datetime_parsing": "a day, such as 2027-03-31",
    "date_type": "a day, such as 2027-03-31",
}
"""What should have stood there, by pydantic's word for the fault."""


def _fault(detail: ErrorDetails, file: str) -> Fault:
    # The tag of a union and pydantic's own marks are no keys of the file.
    whole = detail["loc"]
    of_pool = whole[0] == "pools"
    location = tuple(
        part for place, part in enumerate(whole) if part != "[key]" and not (of_pool and place == POOL_TAG_PLACE)
    )
    key = f"{PROJECT}:{key_path(location)}"
    found, context = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            problem = "is missing; add it"
        case "extra_forbidden":
            problem = f"is not a key here{_nearest(location)}; remove or rename it"
        case "union_tag_not_found" | "union_tag_invalid":
            key, problem = f"{key}.back_end", f"found {_back_end(found)}; write eks, existing, karpenter or simulated"
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            problem = f"found {found!r}{_PATTERNS.get(pattern, f', which does not match {pattern}')}"
        case "greater_than_equal":
            problem = f"found {found!r}; write a whole number of at least {context['ge']}"
        case "greater_than":
            problem = f"found {found!r}; write a number above {context['gt']}"
        case "too_short":
            problem = "is empty; name at least one"
        case "value_error":
            problem = str(context["error"])
        case kind if kind in _KINDS:
            problem = f"found {found!r}; write {_KINDS[kind]}"
        case _:
            problem = f"found {found!r} ({type(found).__name__}); {detail['msg'].lower()}"
    return Fault(file, key, problem)


def _back_end(found: Any) -> str:  # whatever stands in the file
    return repr(found.get("back_end", "nothing")) if isinstance(found, dict) else repr(found)


def _nearest(location: tuple[str | int, ...]) -> str:
    """The key that was probably meant, among those of the schema's same level."""
    near = difflib.get_close_matches(str(location[-1]), _keys_beside(location), n=1, cutoff=0.5)
    return f", nearest: {near[0]}" if near else ""


def _keys_beside(location: tuple[str | int, ...]) -> list[str]:
    schema = Settings.model_json_schema()
    level = [schema]
    for part in location[:-1]:
        level = [deeper for one in level for deeper in _step(schema, one, str(part))]
    return sorted({key for one in level for key in one.get("properties", {})})


def _step(schema: dict[str, Any], level: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    """Schemas below `key`, through references and alternatives."""
    patterns = [*level.get("patternProperties", {}).values()]
    for below in (level.get("properties", {}).get(key), level.get("additionalProperties"), *patterns):
        if isinstance(below, dict):
            for one in below.get("oneOf") or below.get("anyOf") or [below]:
                yield schema["$defs"][one["$ref"].rsplit("/", 1)[-1]] if "$ref" in one else one
