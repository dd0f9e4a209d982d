"""vLLM's options by version, read from data that `tools/vllm_options.py` takes from vLLM's own argument parser."""

import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

VERSIONS = ("0.32.0",)
"""Versions with a data file, oldest first."""


class Kind(StrEnum):
    """What an option takes on the command line."""

    VALUE = "value"
    OPTIONAL_VALUE = "optional_value"
    """One value or none (`nargs='?'`)."""
    LIST = "list"
    """One value or more (`nargs='+'`)."""
    APPEND = "append"
    """One value; repeating it adds."""
    PAIR = "pair"
    """`--x` and `--no-x`, without a value."""
    SWITCH = "switch"
    """`--x`, without a value."""


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    """The first long flag: `--max-model-len`."""
    flags: tuple[str, ...]
    """All spellings, `--no-x` among them."""
    kind: Kind
    type: str = "text"
    """`text`, `int`, `float`, `whole` (`1k` is 1000, `1K` is 1024), `whole_or_auto`, `json`, `json_or_text`."""
    optional: bool = False
    """True: an empty text means none."""
    choices: tuple[str, ...] = ()
    """Empty: anything."""


@dataclass(frozen=True, slots=True)
class Options:
    version: str
    """Of the data."""
    exact: bool
    """False: the data are those of another version than the one asked for, so nothing may be refused by them."""
    by_flag: Mapping[str, Option]

    def near(self, flag: str) -> str | None:
        """The flag most like one that does not exist."""
        from difflib import get_close_matches  # noqa: PLC0415 - only on the way to a refusal

        found = get_close_matches(flag, self.by_flag, n=1, cutoff=0.7)
        return found[0] if found else None


def options_for(version: str | None) -> Options:
    """Those of `version`, else those of the newest release that is not newer, else of the oldest we have."""
    if version in VERSIONS:
        return Options(version, exact=True, by_flag=_read(version))
    wanted = _numbers(version or "")
    older = [known for known in VERSIONS if _numbers(known) <= wanted] or list(VERSIONS[:1])
    return Options(older[-1], exact=False, by_flag=_read(older[-1]))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3])


@cache
def _read(version: str) -> Mapping[str, Option]:
    # pkgutil reads from folders and zip applications alike, and costs less to import than importlib.resources.
    raw = pkgutil.get_data("nim_profiles", f"data/vllm_options/{version}.json")
    assert raw is not None, f"no data for {version}"  # noqa: S101 - VERSIONS names only what is there
    rows = [
        Option(
            name=row["name"],
            flags=tuple(row["flags"]),
            kind=Kind(row["kind"]),
            type=row.get("type", "text"),
            optional=row.get("optional", False),
            choices=tuple(row.get("choices", ())),
        )
        for row in json.loads(raw)["options"]
    ]
    return {flag: option for option in rows for flag in option.flags}
