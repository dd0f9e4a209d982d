"""What differs between an object as it was applied and as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightkube.utils.quantity import parse_quantity

Json = Any
"""Of a manifest."""
MERGE_KEYS = ("name", "containerPort", "mountPath", "port", "key", "topologyKey")
"""By which Kubernetes tells the items of a list apart, the first that all of them have. Source: its API types,
`patchMergeKey`; two mounts of one volume share their name, so paths come before names in lists of mounts."""
EXACT = frozenset({"nodeSelector", "matchLabels", "selector", "limits", "requests"})
"""Mappings in which one entry more is another wish; elsewhere the server and its controllers add what they like."""
IGNORED = frozenset({"status", "managedFields"})
NOTHING = object()
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key that marks a value with a meaning of its own in a state. Source: Pulumi's sdk, resource.SigKey."""


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    """`spec.template.spec.containers[nim].image`."""
    applied: Json
    """None where only the live object has the field."""
    live: Json
    """None where the live object lacks it."""

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.applied)} -> {_shown(self.live)}"


def differences(applied: Mapping[str, Json], live: Mapping[str, Json]) -> tuple[Difference, ...]:
    """In the order of the paths. What the server fills in and nobody applied is no difference."""
    return tuple(sorted(_differences(applied, live, ""), key=lambda found: found.path))


def _differences(applied: Json, live: Json, path: str) -> Iterator[Difference]:
    if isinstance(applied, Mapping) and isinstance(live, Mapping) and not _is_secret(applied):
        exact = path.rpartition(".")[2] in EXACT
        for key in applied.keys() | (live.keys() if exact else set()):
            if key not in IGNORED:
                there = live.get(key, NOTHING)
                yield from _differences(applied.get(key, NOTHING), there, f"{path}.{key}" if path else str(key))
    elif isinstance(applied, list) and isinstance(live, list):
        yield from _in_lists(applied, live, path)
    elif not (_is_secret(applied) or _same(applied, live)):
        yield Difference(path, None if applied is NOTHING else applied, None if live is NOTHING else live)


def _in_lists(applied: Sequence[Json], live: Sequence[Json], path: str) -> Iterator[Difference]:
    key = _merge_key([*applied, *live], path)
    if key is None:
        if list(applied) != list(live):
            yield Difference(path, applied, live)
        return
    ours, theirs = ({str(one[key]): one for one in items} for items in (applied, live))
    for name in ours.keys() | theirs.keys():
        yield from _differences(ours.get(name, NOTHING), theirs.get(name, NOTHING), f"{path}[{name}]")


def _merge_key(items: Sequence[Json], path: str) -> str | None:
    keys = MERGE_KEYS if not path.endswith("volumeMounts") else ("mountPath",)
    return next((key for key in keys if items and all(isinstance(one, Mapping) and key in one for one in items)), None)


def _same(applied: Json, live: Json) -> bool:
    if applied in (NOTHING, None, {}, [], "") and live in (NOTHING, None, {}, [], ""):
        return True
    if NOTHING in (applied, live) or isinstance(applied, bool) or isinstance(live, bool):
        return applied is live
    if applied == live or str(applied) == str(live):
        return True
    try:
        return parse_quantity(str(applied)) == parse_quantity(str(live))
    except ValueError:
        return False


def _is_secret(applied: Json) -> bool:
    """Encrypted in the state, so nobody here can compare it."""
    return isinstance(applied, Mapping) and SIGNATURE in applied


def _shown(value: Json) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else str(value)
