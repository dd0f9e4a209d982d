"""What a log may show of a value."""

import json
import re
from collections.abc import Sequence
from typing import Any

HIDDEN = "***"
_SECRET_NAME = re.compile(
    r"(^|[-_.])(api[-_]?key|access[-_]?key|token|secret|password|passwd|authorization)$", re.IGNORECASE
)
"""Names of options, and of keys in JSON, whose values are secrets; `tokens` are counted, not kept secret."""
_IN_URL = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def redacted(name: str, values: Sequence[str]) -> str:
    """`values` for people: those of a secret option hidden, also inside JSON and in the user part of a URL."""
    if is_secret(name):
        return HIDDEN
    return " ".join(_IN_URL.sub(HIDDEN, _without_secrets(value)) for value in values)


def is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _without_secrets(value: str) -> str:
    if not value.lstrip().startswith(("{", "[")):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return HIDDEN  # neither text nor JSON: nobody can say what is in it
    return json.dumps(_scrubbed(found))


def _scrubbed(found: Any) -> Any:  # Any: JSON
    if isinstance(found, dict):
        return {
            key: HIDDEN if is_secret(key) and isinstance(value, str) else _scrubbed(value)
            for key, value in found.items()
        }
    return [_scrubbed(item) for item in found] if isinstance(found, list) else found
