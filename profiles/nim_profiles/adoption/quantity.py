"""Kubernetes' way to write an amount of storage."""

import re

from nim_profiles.units import GIB

_UNITS = {"": 1, **{f"{unit}i": 1024**power for power, unit in enumerate("KMGTP", 1)}}
_UNITS |= {unit: 1000**power for power, unit in enumerate("kMGTP", 1)}
_QUANTITY = re.compile(r"(\d+)([KMGTP]i|[kMGTP])?")


def whole_gib(text: object) -> int | None:
    """Rounded up; None where nothing, or no such quantity, is written."""
    match = _QUANTITY.fullmatch(str(text))
    return None if match is None else -(-int(match[1]) * _UNITS[match[2] or ""] // GIB)
