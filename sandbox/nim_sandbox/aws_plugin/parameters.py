"""From a resource's inputs to the parameters of an AWS call, by botocore's own description of that call. Pure."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session  # type: ignore[import-untyped]  # it makes its clients at run time
import botocore.validate  # type: ignore[import-untyped]  # as above

Value = Any  # JSON
Shape = Any  # botocore's


class BadParameters(Exception):
    """What botocore would not send, or what this stand-in does not know to send."""


def parameters(
    service: str, operation: str, values: Mapping[str, Value], renamed: Mapping[str, str] | None = None
) -> dict[str, Value]:
    """Checked: names, types, limits and required members. `renamed`: AWS's name by ours, at any depth.

    Raises BadParameters. Contacts nobody.
    """
    shape = _operation(service, operation).input_shape
    found: dict[str, Value] = _translate(values, shape, renamed or {}, operation)
    report = botocore.validate.ParamValidator().validate(found, shape)
    if report.has_errors():
        raise BadParameters(f"{operation}: {report.generate_report()}")
    _require_known_words(found, shape, operation)
    return found


@cache
def _operation(service: str, operation: str) -> Any:  # botocore's OperationModel
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def _translate(value: Value, shape: Shape, renamed: Mapping[str, str], where: str) -> Value:
    match shape.type_name, value:
        case "structure", dict():
            return dict(_member(key, item, shape, renamed, where) for key, item in value.items())
        case "list", list():
            return [_translate(item, shape.member, renamed, where) for item in value]
        case "list", dict() if _is_tags(shape):
            return [{"Key": key, "Value": item} for key, item in value.items()]
        case "boolean", "true" | "false":
            return value == "true"
        case _:
            return value


def _member(key: str, value: Value, shape: Shape, renamed: Mapping[str, str], where: str) -> tuple[str, Value]:
    wanted = renamed.get(key, key)
    known = next((name for name in shape.members if name.lower() == wanted.lower()), None)
    if known is None:
        raise BadParameters(f"{where}: AWS has no parameter {key}")
    return known, _translate(value, shape.members[known], renamed, f"{where}.{known}")


def _is_tags(shape: Shape) -> bool:
    return shape.member.type_name == "structure" and set(shape.member.members) == {"Key", "Value"}


def _require_known_words(value: Value, shape: Shape, where: str) -> None:
    """Botocore itself sends any word where AWS lists the few that it takes."""
    match shape.type_name, value:
        case "structure", dict():
            for key, item in value.items():
                _require_known_words(item, shape.members[key], f"{where}.{key}")
        case "list", list():
            for item in value:
                _require_known_words(item, shape.member, where)
        case "string", str() if (words := getattr(shape, "enum", ())) and value not in words:
            raise BadParameters(f"{where}: found {value!r}; AWS takes {', '.join(words)}")
        case _:
            pass
