"""What changed between the last inputs and the new ones, and whether the object must be replaced for it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from lightkube.utils.quantity import parse_quantity

from nim_sandbox.kubernetes_plugin.annotations import REPLACE_UNREADY
from nim_sandbox.kubernetes_plugin.kinds import BY_NAME
from nim_sandbox.kubernetes_plugin.naming import is_autonamed, name_of, namespace_of
from nim_sandbox.values import UNKNOWN, Path, Value, plain

IDENTITY = ("kind", "apiVersion", "metadata.name", "metadata.namespace")
"""Of every kind: another value is another object."""

RENEWED: Path = ("metadata", "annotations", REPLACE_UNREADY)
"""What a replacement of an object that did not become ready is put down to."""

MISSING = object()


class Change(Enum):
    """What happened to one field."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed field."""

    path: Path
    change: Change
    replaces: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """All changed fields, in the order of their paths."""

    differences: tuple[Difference, ...]
    delete_before_replace: bool

    @property
    def replaces(self) -> bool:
        return any(difference.replaces for difference in self.differences)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the provider's arguments change about the table of kinds."""

    default_namespace: str = "default"
    secrets_mutable: bool = False
    config_maps_mutable: bool = False


def diff(old: Mapping[str, Value], new: Mapping[str, Value], rules: Rules, *, renewed: bool = False) -> Diff:
    """`old` and `new` are inputs, with or without secret marks. `renewed`: to be replaced whatever they say.

    A namespace that is not given and the default one are the same. An object with a name of its own must be deleted
    before its successor is made.
    """
    before, after = _canonical(plain(old), rules), _canonical(plain(new), rules)
    immutable, mutable = _fixed_fields(before, after, rules)
    differences = tuple(
        Difference(path, change, replaces=_is_fixed(path, immutable, mutable) and not _grows(before, after, path))
        for path, change in sorted(_changes(before, after, ()), key=lambda found: [str(step) for step in found[0]])
    )
    if renewed:
        differences += (Difference(RENEWED, Change.UPDATE, replaces=True),)
    replaces = any(difference.replaces for difference in differences)
    same_place = name_of(before) == name_of(after) and namespace_of(before) == namespace_of(after)
    return Diff(differences, delete_before_replace=replaces and same_place and not is_autonamed(after))


def _canonical(inputs: dict[str, Value], rules: Rules) -> dict[str, Value]:
    metadata = inputs.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("namespace", rules.default_namespace) != rules.default_namespace:
        return inputs
    return {**inputs, "metadata": {key: value for key, value in metadata.items() if key != "namespace"}}


def _changes(before: Value, after: Value, here: Path) -> Iterator[tuple[Path, Change]]:
    """The deepest paths at which the two differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            yield from _changes(before.get(key, MISSING), after.get(key, MISSING), (*here, key))
    elif isinstance(before, list) and isinstance(after, list):
        for position in range(max(len(before), len(after))):
            one = before[position] if position < len(before) else MISSING
            other = after[position] if position < len(after) else MISSING
            yield from _changes(one, other, (*here, position))
    elif before is MISSING:
        if after not in ({}, [], None):
            yield here, Change.ADD
    elif after is MISSING:
        if before not in ({}, [], None):
            yield here, Change.DELETE
    elif before != after or after is UNKNOWN:
        yield here, Change.UPDATE


def _fixed_fields(
    before: Mapping[str, Value], after: Mapping[str, Value], rules: Rules
) -> tuple[list[Path], list[Path]]:
    kind = BY_NAME.get((str(after.get("apiVersion")), str(after.get("kind"))))
    immutable = [*IDENTITY, *(kind.immutable if kind else ())]
    may_change = (rules.secrets_mutable and after.get("kind") == "Secret") or (
        rules.config_maps_mutable and after.get("kind") == "ConfigMap"
    )
    if may_change and before.get("immutable") is not True:
        immutable = [path for path in immutable if path not in ("data", "binaryData", "stringData")]
    if before.get("immutable") is True:
        immutable.append("immutable")
    return [_split(path) for path in immutable], [_split(path) for path in (kind.mutable if kind else ())]


def _is_fixed(path: Path, immutable: list[Path], mutable: list[Path]) -> bool:
    if any(path[: len(free)] == free for free in mutable):
        return False
    return any(path[: len(fixed)] == fixed or fixed[: len(path)] == path for fixed in immutable)


def _grows(before: Mapping[str, Value], after: Mapping[str, Value], path: Path) -> bool:
    """A claim may ask for more space, and only for more."""
    if after.get("kind") != "PersistentVolumeClaim" or path[:3] != ("spec", "resources", "requests") or len(path) != 4:
        return False
    asked, asks = _at(before, path), _at(after, path)
    try:
        return _amount(asks) >= _amount(asked)
    except ValueError:
        return False


def _amount(quantity: Value) -> float:
    if not isinstance(quantity, str | int | float):
        raise ValueError(f"{quantity!r} is no quantity")  # noqa: TRY004 - one error for every bad quantity
    parsed = parse_quantity(str(quantity))
    return math.nan if parsed is None else float(parsed)


def _at(value: Value, path: Path) -> Value:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _split(dotted: str) -> Path:
    return tuple(dotted.split("."))
