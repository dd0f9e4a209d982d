"""What pydantic finds wrong with a stack file, in the words of whoever wrote it: what to write instead."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from stacks.faults import Fault, key_path
from stacks.settings import PROJECT, Settings
from stacks.settings.endpoint import URL, VERSION
from stacks.settings.lora import ADAPTER_NAME
from stacks.settings.part import LABEL_VALUE, NAME, OBJECT_NAME

POOL_TAG_PLACE = 2
"""Where pydantic puts the tag of the union of pools: after `pools` and the pool's name."""


_PATTERNS = {
    NAME: ", which Kubernetes would refuse as a name; write lower-case letters, digits and '-', a letter first, "
    "no '-' last, at most 40 characters",
    ADAPTER_NAME: "; write letters, digits, '-', '_' and '.', a letter or digit first and last, at most 63 characters",
    URL: "; write an address that begins with http:// or https://",
    OBJECT_NAME: ", which cannot be the name of an object; write it as `kubectl get` prints it",
    LABEL_VALUE: ", which cannot be the value of a label; write letters, digits, '-', '_' and '.', a letter or digit "
    "first and last, at most 63 characters",
    VERSION: "; write three numbers, such as 0.32.0",
}
"""What a text should have been, by the pattern that it does not match."""
_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "keys and values below it",
    "model_type": "keys and values below it",
    "model_attributes_type": "keys and values below it",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a number",
    "date_from_datetime_parsing": "a day, such as 2027-03-31",
    "date_type": "a day, such as 2027-03-31",
    "date_from_datetime_inexact": "a day, such as 2027-03-31",
}
"""What should have stood there, by pydantic's word for the fault."""


_BOUNDS = {
    "greater_than_equal": ("ge", "of at least"),
    "less_than_equal": ("le", "of at most"),
    "greater_than": ("gt", "above"),
}
"""Name of the bound in pydantic's context, and how it is said, by pydantic's word for the fault."""


def fault_of(detail: ErrorDetails, file: str) -> Fault:
    # The tag of a union and pydantic's own marks are no keys of the file.
    whole = detail["loc"]
    of_pool = whole[0] == "pools"
    location = tuple(
        part for place, part in enumerate(whole) if part != "[key]" and not (of_pool and place == POOL_TAG_PLACE)
    )
    key = f"{PROJECT}:{key_path(location)}"
    match detail["type"]:
        case "missing":
            problem = "is missing; add it"
        case "extra_forbidden":
            problem = f"is not a key here{_nearest(location)}; remove or rename it"
        case "invalid_key":
            problem = "is no text; write the key in quotes"
        case "union_tag_not_found" | "union_tag_invalid":
            key, found = f"{key}.back_end", _back_end(detail["input"])
            problem = f"found {found}; write eks, existing, karpenter or simulated"
        case _:
            problem = _problem(detail)
    return Fault(file, key, problem)


def _problem(detail: ErrorDetails) -> str:
    """What is wrong with a value, and what to write in its place."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in ("too_short", "string_too_short"):
        return f"is empty; {'write a text' if isinstance(found, str) else 'name at least one'}"
    return f"found {_shown(found)}{_fix(kind, found, context, detail['msg'])}"


def _fix(kind: str, found: Any, context: Mapping[str, Any], message: str) -> str:  # Any: whatever stands in the file
    match kind:
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            return _PATTERNS.get(pattern, f", which does not match {pattern}")
        case "literal_error" | "enum":
            words = str(context["expected"]).replace("'", "")
            return f"; write {words}"
        case _ if kind in _BOUNDS:
            name, said = _BOUNDS[kind]
            number = "a whole number" if isinstance(context[name], int) and said != "above" else "a number"
            return f"; write {number} {said} {context[name]}"
        case _ if kind in _KINDS:
            return f"; write {_KINDS[kind]}"
        case _:
            return f" ({type(found).__name__}); {message.lower()}"


LONGEST = 80
"""Characters of what was found that are shown: a whole section may stand where a word should."""


def _shown(found: Any) -> str:  # whatever stands in the file
    """As it would be written there."""
    match found:
        case None:
            text = "nothing"
        case bool():
            text = str(found).lower()
        case _:
            text = repr(found)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


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
