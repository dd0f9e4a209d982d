"""Profile ids: 64 hex characters, from NIM 1.3 on the BLAKE3 hash of the profile's sorted tags.

The rule checks an id and never makes one up: images below 1.3 used another rule, and some documentation prints dummies.
"""

import re
from collections.abc import Mapping

_ID = re.compile(r"[0-9a-f]{64}")


def profile_id(tags: Mapping[str, str]) -> str:
    """The id NIM >= 1.3 gives to these tags; values spelled exactly as in the manifest (`'33.0'`, `'false'`).

    Found by trial, not documented by NVIDIA; it reproduces every LLM id from 1.3.3 to 2.0.13 that we have tags of.
    """
    from blake3 import blake3  # noqa: PLC0415 - half of the import time of this package, and most callers never hash

    return blake3("|".join(f"{key}:{value}" for key, value in sorted(tags.items())).encode()).hexdigest()


def is_profile_id(text: str) -> bool:
    """Whether `text` has the form of an id. It does not say that any image has it."""
    return _ID.fullmatch(text) is not None
