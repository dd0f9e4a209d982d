"""Property values: what the engine sends and gets back, as plain Python with marks for secret and unknown.

A value is None, bool, int, float, str, a list or dict of values, `Secret(value)` or `UNKNOWN`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from google.protobuf import struct_pb2
from pulumi.runtime import rpc


class _Mark(Enum):
    UNKNOWN = "unknown"


UNKNOWN = _Mark.UNKNOWN
"""A value that the engine will know only after another resource exists."""

Value: TypeAlias = Any  # a recursive union that every reader would have to narrow again at once
Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys of dicts and positions in lists."""

UNKNOWN_TEXTS = frozenset(
    {
        rpc.UNKNOWN,  # string
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""How the engine writes an unknown of each type (pulumi v3.250.0, sdk/go/common/resource/plugin/rpc.go)."""

SIGNATURE = rpc._special_sig_key  # noqa: SLF001 - the protocol's constants, which the SDK does not export
SECRET = rpc._special_secret_sig  # noqa: SLF001 - as above
OUTPUT = rpc._special_output_value_sig  # noqa: SLF001 - as above


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that may appear only where the engine encrypts it. Its `repr` does not show it."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


class UnsupportedValue(Exception):
    """An asset, archive or resource reference, which nothing holds that the stand-ins make."""


def from_struct(struct: struct_pb2.Struct) -> dict[str, Value]:
    """The engine's values. Nulls are left out: to Kubernetes and to AWS null and absent are one."""
    return {key: value for key, field in struct.fields.items() if (value := _from_field(field)) is not None}


def _from_field(field: struct_pb2.Value) -> Value:
    match field.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if field.string_value in UNKNOWN_TEXTS else field.string_value
        case "bool_value":
            return field.bool_value
        case "number_value":
            number = field.number_value
            return int(number) if number.is_integer() else number
        case "list_value":
            return [_from_field(item) for item in field.list_value.values]
        case "struct_value":
            return _from_nested(field.struct_value)
        case _:
            return None


def _from_nested(struct: struct_pb2.Struct) -> Value:
    if SIGNATURE not in struct.fields:
        return from_struct(struct)
    signature = struct.fields[SIGNATURE].string_value
    if signature == SECRET:
        return secret(_from_field(struct.fields["value"]))
    if signature == OUTPUT:
        value = _from_field(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        return secret(value) if struct.fields["secret"].bool_value else value
    raise UnsupportedValue("the stand-ins for plugins take no assets, archives or references to resources")


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields={key: _to_field(value) for key, value in values.items()})


def _to_field(value: Value) -> struct_pb2.Value:  # noqa: PLR0911 - one return a type
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case _Mark():
            return struct_pb2.Value(string_value=rpc.UNKNOWN)
        case Secret():
            marked = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": _to_field(value.value)}
            return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=marked))
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case list():
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_field(item) for item in value]))
        case dict():
            return struct_pb2.Value(struct_value=to_struct(value))
        case _:
            raise UnsupportedValue(f"{type(value).__name__} is no value that the engine knows")


def secret(value: Value) -> Secret:
    """Marks once, however often it is asked to."""
    return value if isinstance(value, Secret) else Secret(value)


def plain(value: Value) -> Value:
    """Without the secret marks; unknowns stay."""
    match value:
        case Secret():
            return plain(value.value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def has_unknown(value: Value) -> bool:
    match value:
        case Secret():
            return has_unknown(value.value)
        case dict():
            return any(has_unknown(item) for item in value.values())
        case list():
            return any(has_unknown(item) for item in value)
        case _:
            return value is UNKNOWN


def is_true(value: Value) -> bool:
    """Provider arguments arrive as JSON text, annotations as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
