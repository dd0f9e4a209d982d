"""The environment variables of NIM images, typed by image family; `data/nim_env.json` has each with its source."""

import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from nim_profiles.nim_env.family import Family

ONLY_DIGITS = {Family.LLM_1, Family.VLM_1}
"""Families whose documentation writes flags as 0 and 1 only."""


class Kind(StrEnum):
    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    FLAG = "flag"
    """0 or 1; families other than 1.x also read true and false."""
    CHOICE = "choice"
    BACKEND = "backend"
    """One of the choices, or a folder of NIM_CUSTOM_GUIDED_DECODING_BACKENDS."""
    PATH = "path"
    """Absolute, inside the container."""
    URI = "uri"
    """Begins with one of the choices."""
    PROFILE = "profile"
    TAGS = "tags"
    ARGUMENTS = "arguments"
    """Words for the engine, split like a shell line."""


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    """Ends in `*` where it stands for all that begin so."""
    families: tuple[Family, ...]
    """Empty: of NIMs that are neither language nor vision-language models."""
    kind: Kind
    default: str | None
    """None: unset, or derived by the container; the note says which."""
    source: str
    """Where it is from, and when that was read."""
    note: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    secret: bool = False
    engines: tuple[str, ...] = ()
    """Engines that it has an effect on; empty: not limited."""
    argument: str | None = None
    """The vLLM argument that does the same."""
    instead: str | None = None
    """The variable that other families have for it."""
    logs_requests: str | None = None
    """The truth value, 0 or 1, that writes prompts to the log."""

    @property
    def values(self) -> str:
        """What it takes, in words."""
        match self.kind:
            case Kind.INT | Kind.FLOAT:
                word = "a whole number" if self.kind is Kind.INT else "a number"
                if self.maximum is not None:
                    return f"{word} from {self.minimum:g} to {self.maximum:g}"
                return word if self.minimum is None else f"{word} of at least {self.minimum:g}"
            case Kind.FLAG:
                return "0 or 1" if set(self.families) <= ONLY_DIGITS else "0 or 1 (2.x and variants: true or false too)"
            case Kind.CHOICE | Kind.BACKEND:
                return f"one of {', '.join(self.choices)}"
            case Kind.URI:
                return f"something that begins with {' or '.join(self.choices)}"
            case _:
                return {
                    Kind.PATH: "an absolute path in the container",
                    Kind.PROFILE: "a 64-digit id, a full profile name, or default",
                    Kind.TAGS: "tag=value pairs with commas between them",
                    Kind.ARGUMENTS: "arguments of the engine, quoted as for a shell",
                }.get(self.kind, "a text")


@cache
def all_variables() -> tuple[Variable, ...]:
    """Sorted by name. A name may come twice, for families in which it takes other values."""
    raw = pkgutil.get_data("nim_profiles", "data/nim_env.json")
    assert raw is not None, "no data"  # noqa: S101 - part of the package
    data = json.loads(raw)
    return tuple(
        Variable(
            name=row["name"],
            families=tuple(map(Family, row["families"])),
            kind=Kind(row["type"]),
            default=row["default"],
            source=f"{data['sources'][row['source']]} (read {data['read']})",
            choices=tuple(row.get("choices", ())),
            engines=tuple(row.get("engines", ())),
            secret=row.get("secret", False),
            note=row.get("note", ""),
            **{key: row.get(key) for key in ("minimum", "maximum", "argument", "instead", "logs_requests")},
        )
        for row in data["variables"]
    )


@cache
def variables(family: Family) -> Mapping[str, Variable]:
    """What images of `family` read, by name."""
    return {variable.name: variable for variable in all_variables() if family in variable.families}


def anywhere(name: str) -> tuple[Variable, ...]:
    """The variable in all families that have it; empty for a name that none has."""
    return tuple(
        variable
        for variable in all_variables()
        if variable.name == name or (variable.name.endswith("*") and name.startswith(variable.name[:-1]))
    )


def nearest(name: str, family: Family) -> str | None:
    """The variable of `family` that a wrong name most likely means."""
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to a finding

    found = get_close_matches(name.upper(), variables(family), n=1, cutoff=0.75)
    return found[0] if found else None


def truth(value: str) -> bool | None:
    """None for what is no truth value."""
    return {"0": False, "false": False, "1": True, "true": True}.get(value.strip().lower())


def accepts(variable: Variable, value: str, family: Family) -> bool:
    """True unless images of `family` would refuse `value` or misread it."""
    match variable.kind:
        case Kind.INT | Kind.FLOAT:
            fits = _number_fits(variable, value)
        case Kind.FLAG:
            fits = value in ("0", "1") if family in ONLY_DIGITS else truth(value) is not None
        case Kind.CHOICE:
            fits = value in variable.choices
        case Kind.PATH:
            fits = value.startswith("/")
        case Kind.URI:
            fits = any(value.startswith(prefix) and value != prefix for prefix in variable.choices)
        case Kind.PROFILE:
            # `<id> (<name>)`, as the listing prints it, is refused by the container; so is half an id.
            fits = re.match(r"[0-9a-fA-F]{24,}", value) is None or re.fullmatch(r"[0-9a-f]{64}", value) is not None
        case Kind.TAGS:
            fits = re.fullmatch(r"[\w.]+=[^,=]+(,[\w.]+=[^,=]+)*", value) is not None
        case _:
            fits = bool(value)
    return fits


def _number_fits(variable: Variable, value: str) -> bool:
    pattern = r"-?[0-9]+" if variable.kind is Kind.INT else r"-?[0-9]*\.?[0-9]+"
    if re.fullmatch(pattern, value) is None:
        return False
    low, high = variable.minimum, variable.maximum
    return (low is None or float(value) >= low) and (high is None or float(value) <= high)
