"""The profiles nearest to one that does not exist, and how each differs from what was asked for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product
from math import prod

from nim_profiles.profile import Profile

TAG_WEIGHTS = {"llm_engine": 8, "precision": 6, "tp": 4, "pp": 4, "gpu": 4, "feat_lora": 3, "profile": 2}
"""How much a difference in one tag counts; every other tag counts 1. Our own order: what changes the results most
comes first, an estimate of memory last."""

ID_LENGTH = 64
LIKELY_TYPO = 4
"""Two ids that differ in at most this many of their 64 characters are one id with a slip of the hand: ids of unlike
tags are hashes and differ in about 60."""


USUAL_VALUES = {
    "feat_lora": ("false", "true"),
    "precision": ("bf16", "fp16", "fp8", "int4", "mxfp4", "nvfp4"),
    "tp": ("1", "2", "4", "8"),
    "pp": ("1", "2"),
    "min_vram_per_device_gb": tuple(f"{size_gb}.0" for size_gb in range(1, 161)),
}
"""What an id that no profile has may stand for. Memory up to 160 GB: that of the largest GPUs but one."""

TRIES = 50_000
"""Hashes before giving up: a fifth of a second."""


@dataclass(frozen=True, slots=True)
class Near:
    """One near profile. `differences` are phrases such as `precision bf16 instead of fp8`."""

    profile: Profile
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.profile.id} ({self.profile.name}): {', '.join(self.differences) or 'no known difference'}"


def closest(wanted: str, profiles: Iterable[Profile], count: int = 3) -> tuple[Near, ...]:
    """The `count` profiles nearest to `wanted`, an id or a name; nearest first, ties by name and id."""
    candidates = sorted(profiles, key=lambda profile: (profile.name, profile.id))
    asked = wanted.strip().lower()
    tags = tags_behind(asked, candidates) if _is_hex(asked) else _tags_of_name(asked)
    ranked = sorted(candidates, key=lambda profile: _distance(asked, tags, profile))
    return tuple(Near(profile, _differences(asked, tags, profile)) for profile in ranked[:count])


def tags_behind(wanted_id: str, profiles: Sequence[Profile]) -> Mapping[str, str] | None:
    """The tags that hash to an absent id, found among sets like those of `profiles`; None where none of them does.

    An id is a hash, so it says nothing by itself. But the id of another version or another image is mostly that of the
    same tags with other values. Ids are only checked against the rule here, never made up. In a pod there may be no
    blake3 to check them with: then none is found.
    """
    from nim_profiles.profile_id import profile_id  # noqa: PLC0415 - only on the way to a refusal

    if len(wanted_id) != ID_LENGTH:
        return None
    for keys in sorted({tuple(sorted({"feat_lora", *profile.tags})) for profile in profiles}):
        seen = [{profile.tags[key] for profile in profiles if key in profile.tags} for key in keys]
        usual = [values | set(USUAL_VALUES.get(key, ())) for key, values in zip(keys, seen, strict=True)]
        if prod(map(len, usual)) > TRIES:
            continue
        for values in product(*map(sorted, usual)):
            tags = dict(zip(keys, values, strict=True))
            try:
                hashed = profile_id(tags)
            except ModuleNotFoundError:
                return None
            if hashed == wanted_id:
                return tags
    return None


def _is_hex(text: str) -> bool:
    """True for an id, a part of one, or one with characters missing."""
    return re.fullmatch(r"[0-9a-f]{6,}", text) is not None


def _tags_of_name(text: str) -> Mapping[str, str] | None:
    from nim_profiles.name import BadProfileName, ProfileName  # noqa: PLC0415 - only on the way to a refusal

    try:
        return ProfileName.parse(text).tags() or None
    except BadProfileName:
        return None


def _distance(asked: str, tags: Mapping[str, str] | None, profile: Profile) -> tuple[float, float]:
    """Smaller is nearer: first by tags where they are known, then by spelling."""
    text = profile.id if _is_hex(asked) else profile.name.lower()
    if _is_hex(asked) and text.startswith(asked):
        return (-1.0, 0.0)
    unlike = _different_characters(asked, text) if _is_hex(asked) else 0
    if unlike and unlike <= LIKELY_TYPO:
        return (-1.0, unlike)
    spelling = 1 - SequenceMatcher(None, asked, text).ratio()
    if tags is None:
        return (0.0, spelling)
    return (sum(TAG_WEIGHTS.get(key, 1) for key, _, _ in _unlike_tags(tags, profile)), spelling)


def _different_characters(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _unlike_tags(tags: Mapping[str, str], profile: Profile) -> list[tuple[str, str | None, str | None]]:
    """(tag, asked for, found) of each difference. A plain profile may leave `feat_lora` out."""

    def value(source: Mapping[str, str], key: str) -> str | None:
        return source.get(key, "false" if key == "feat_lora" else None)

    pairs = [(key, value(tags, key), value(profile.tags, key)) for key in sorted({*tags, *profile.tags})]
    return [(key, a, b) for key, a, b in pairs if (a and a.lower()) != (b and b.lower())]


def _differences(asked: str, tags: Mapping[str, str] | None, profile: Profile) -> tuple[str, ...]:
    if _is_hex(asked):
        if profile.id.startswith(asked):
            return ("this id begins so, but only the whole id counts",)
        unlike = _different_characters(asked, profile.id)
        if unlike <= LIKELY_TYPO:
            return (f"{unlike} of 64 characters differ, probably a slip of the hand",)
        if tags is None:
            return ("another id, whose tags are not known",)
    if tags is None:
        return ("another name, which says nothing of its tags",)
    return tuple(_phrase(*difference) for difference in _unlike_tags(tags, profile))


def _phrase(key: str, asked: str | None, found: str | None) -> str:
    if asked is None:
        return f"{key} {found}, which was not asked for"
    return f"no {key}, asked for {asked}" if found is None else f"{key} {found} instead of {asked}"
