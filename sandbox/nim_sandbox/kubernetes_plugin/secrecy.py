"""Which values are secret, where they come out again, and how a message is cleared of them."""

import base64
import binascii
from collections.abc import Iterator

from nim_sandbox.values import Path, Secret, Value, plain, secret

SECRET_KIND_FIELDS = ("data", "stringData")
"""What a Secret hides, whether or not the program marked it."""

SHORTEST_REDACTED = 4
"""Characters. Shorter values (`true`, `443`) are too common to be blotted out of messages."""


def mark_secret_kind(inputs: dict[str, Value]) -> dict[str, Value]:
    """A Secret's contents as secrets; other kinds as they are."""
    if inputs.get("kind") != "Secret":
        return inputs
    return {key: secret(value) if key in SECRET_KIND_FIELDS else value for key, value in inputs.items()}


def secret_paths(value: Value, here: Path = ()) -> Iterator[Path]:
    """Where the marks stand."""
    match value:
        case Secret():
            yield here
        case dict():
            for key, item in value.items():
                yield from secret_paths(item, (*here, key))
        case list():
            for position, item in enumerate(value):
                yield from secret_paths(item, (*here, position))


def mark_like(live: dict[str, Value], inputs: dict[str, Value]) -> dict[str, Value]:
    """The live object with a mark wherever `inputs` has one, and on a Secret's contents.

    Where the live object is shaped differently, the nearest thing around the place is marked instead.
    """
    marked: Value = mark_secret_kind(live)
    for path in secret_paths(inputs):
        marked = _mark_at(marked, path)
    if not isinstance(marked, dict):
        raise TypeError("a whole object cannot be one secret: the engine sends its fields apart")
    return marked


def _mark_at(value: Value, path: Path) -> Value:
    if not path or isinstance(value, Secret):
        return secret(value)
    key, rest = path[0], path[1:]
    if isinstance(value, dict) and key in value:
        return {**value, key: _mark_at(value[key], rest)}
    if isinstance(value, dict) and isinstance(key, str):
        return value  # the server dropped the field: nothing here to hide
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [_mark_at(item, rest) if position == key else item for position, item in enumerate(value)]
    return secret(value)


def secret_texts(value: Value) -> set[str]:
    """Every text below a mark, and what it says where it is base64."""
    found: set[str] = set()
    match value:
        case Secret():
            for text in _texts(plain(value.value)):
                found |= {text, *text.splitlines(), base64.b64encode(text.encode()).decode(), *_decoded(text)}
        case dict():
            for item in value.values():
                found |= secret_texts(item)
        case list():
            for item in value:
                found |= secret_texts(item)
    return {text for text in found if len(text) >= SHORTEST_REDACTED}


def redact(message: str, value: Value) -> str:
    """The message with each secret of `value` blotted out, the longest first."""
    for text in sorted(secret_texts(mark_secret_kind(value) if isinstance(value, dict) else value), key=len)[::-1]:
        message = message.replace(text, "[secret]")
    return message


def _texts(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def _decoded(text: str) -> set[str]:
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return set()
    return {decoded, *decoded.splitlines()}
