"""Selection: which profile a NIM takes for what it is told, why, and what about that answer may change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nim_profiles.closest import Near, closest
from nim_profiles.compatibility import hardware_gaps, memory_gap
from nim_profiles.gpu import Gpu
from nim_profiles.profile import Profile


class Source(StrEnum):
    """Who asked. The first that says anything wins: argument, then environment, then nobody."""

    ARGUMENT = "argument"
    ENVIRONMENT = "NIM_MODEL_PROFILE"
    NOBODY = "automatic"


class Rule(StrEnum):
    """How the answer was found. The first that matches wins: id, name, `default`, automatic."""

    ID = "id"
    NAME = "name"
    DEFAULT = "default"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Reason:
    source: Source
    rule: Rule

    def __str__(self) -> str:
        if self.source is Source.NOBODY:
            return "nothing names a profile, so the selector takes the best one that runs"
        who = "the argument" if self.source is Source.ARGUMENT else str(self.source)
        how = {
            Rule.ID: "is this profile's id",
            Rule.NAME: "is this profile's name",
            Rule.DEFAULT: "is `default`, the most widely compatible profile",
        }
        return f"{who} {how[self.rule]}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The decision as a value."""

    profile: Profile
    reason: Reason
    warnings: tuple[str, ...]
    """Whole sentences on what may surprise: what is not deterministic, what is overruled, what may not fit."""
    runners_up: tuple[Profile, ...]
    """The other profiles that would run, in the order in which automatic selection would take them."""


class Refusal(ValueError):
    """No profile can be selected."""


class BadWish(Refusal):
    """What was asked for is neither an id nor a name nor `default`."""


class NoSuchProfile(Refusal):
    def __init__(self, wanted: str, near: tuple[Near, ...]) -> None:
        self.wanted, self.near = wanted, near
        lines = [f"  {candidate}" for candidate in near] or ["  there are no profiles at all"]
        super().__init__("\n".join([f"no profile has the id or the name {wanted!r}. Closest:", *lines]))


class AmbiguousName(Refusal):
    def __init__(self, name: str, ids: tuple[str, ...]) -> None:
        self.name, self.ids = name, ids
        super().__init__(
            "\n".join([f"{name!r} names {len(ids)} profiles. Ask for one of the ids:", *(f"  {i}" for i in ids)])
        )


class Incompatible(Refusal):
    def __init__(self, gaps: Mapping[Profile, tuple[str, ...]]) -> None:
        self.gaps = gaps
        lines = [f"  {p.id} ({p.name}): {'; '.join(why)}" for p, why in gaps.items()] or [
            "  there are no profiles at all"
        ]
        super().__init__("\n".join(["no profile that was asked for runs there:", *lines]))


NAME_IS_LOOSE = (
    "A name may mean two profiles in another version of the image, and changes with NVIDIA's memory estimate. "
    "Pin the id {id}."
)
DEFAULT_IS_LOOSE = (
    "`default` leaves the choice to the container: another image version, or other GPUs, may give another profile, and "
    "so other weights, precision and memory. It is documented for 1.x only, and `download-to-cache` rejects it. "
    "Pin the id {id}."
)
AUTOMATIC_IS_LOOSE = (
    "Automatic selection depends on the GPUs that the container finds, on the memory that is free when it starts, and "
    "on the selector of the image version: a restart or another node may give another profile. Pin the id {id}."
)
NO_GPU_GIVEN = (
    "No GPU was given, so nothing was ruled out: the container may find that this profile does not run on its GPU."
)


def select(
    profiles: Sequence[Profile],
    wanted: str | None,
    gpu: Gpu | None = None,
    gpu_count: int | None = None,
    argument: str | None = None,
) -> Selection:
    """The profile that serves `argument`, else `wanted` (the value of NIM_MODEL_PROFILE), else the best that runs.

    `gpu_count` is the GPUs that one replica may use. The order of `profiles` is of no consequence. Low memory rules a
    profile out of automatic selection, but only warns about one that is named: a shorter context may make it fit.
    Raises BadWish, NoSuchProfile, AmbiguousName or Incompatible.
    """
    known = tuple({p.id: p for p in sorted(profiles, key=_spelling, reverse=True)}.values())
    asked, source = (argument, Source.ARGUMENT) if argument is not None else (wanted, Source.ENVIRONMENT)
    gaps = {p: _gaps(p, gpu, gpu_count) for p in sorted(known, key=_spelling)}
    runnable = sorted((p for p in known if not gaps[p]), key=_preference)
    if asked is None:
        return _best(runnable, gaps, Reason(Source.NOBODY, Rule.AUTOMATIC), AUTOMATIC_IS_LOOSE, gpu)
    overruled = _overruled(argument, wanted)
    try:
        named, rule = find(known, asked)
    except NoSuchProfile:
        if asked.strip().lower() != "default":
            raise
        best = _best(sorted(runnable, key=_breadth), gaps, Reason(source, Rule.DEFAULT), DEFAULT_IS_LOOSE, gpu)
        return Selection(best.profile, best.reason, overruled + best.warnings, best.runners_up)
    if hard := hardware_gaps(named, gpu, gpu_count):
        raise Incompatible({named: hard})
    warnings = [*overruled, *_doubts(named, gpu)]
    if rule is Rule.NAME:
        warnings.append(NAME_IS_LOOSE.format(id=named.id))
    return Selection(named, Reason(source, rule), tuple(warnings), tuple(p for p in runnable if p != named))


def find(profiles: Sequence[Profile], wanted: str) -> tuple[Profile, Rule]:
    """The profile with that id, or else with that name in any case. Raises BadWish, AmbiguousName, NoSuchProfile."""
    asked = wanted.strip()
    if not asked:
        raise BadWish("the profile asked for is empty. Give an id or a name, or leave it unset for automatic selection")
    if both := re.fullmatch(r"([0-9a-fA-F]{64})\s*\(.*\)", asked):
        raise BadWish(
            f"{asked!r} is an id and a name in one, which the container does not accept. Write {both[1]} alone"
        )
    if by_id := [p for p in profiles if p.id == asked.lower()]:
        return by_id[0], Rule.ID
    by_name = {p.id: p for p in profiles if p.name.lower() == asked.lower()}
    if len(by_name) > 1:
        raise AmbiguousName(asked, tuple(sorted(by_name)))
    if by_name:
        return next(iter(by_name.values())), Rule.NAME
    raise NoSuchProfile(asked, closest(asked, profiles))


def _best(
    ordered: Sequence[Profile], gaps: Mapping[Profile, tuple[str, ...]], reason: Reason, looseness: str, gpu: Gpu | None
) -> Selection:
    if not ordered:
        raise Incompatible(gaps)
    first = ordered[0]
    warnings = (looseness.format(id=first.id), *(() if gpu else (NO_GPU_GIVEN,)), *_doubts(first, gpu))
    return Selection(first, reason, warnings, tuple(ordered[1:]))


def _gaps(profile: Profile, gpu: Gpu | None, gpu_count: int | None) -> tuple[str, ...]:
    short = memory_gap(profile, gpu)
    return (*hardware_gaps(profile, gpu, gpu_count), *(() if short is None else (short,)))


def _overruled(argument: str | None, wanted: str | None) -> tuple[str, ...]:
    if argument is None or wanted is None or argument.lower() == wanted.lower():
        return ()
    return (f"The argument {argument!r} overrules NIM_MODEL_PROFILE={wanted!r}. Remove one of the two.",)


def _doubts(profile: Profile, gpu: Gpu | None) -> list[str]:
    """What speaks against a profile without ruling it out."""
    doubts = []
    if short := memory_gap(profile, gpu):
        doubts.append(f"Low memory: {profile.name} {short}. It starts only with a --max-model-len short enough to fit.")
    stated = profile.tags.get("number_of_gpus")
    if stated is not None and stated != str(profile.gpu_count):
        doubts.append(
            f"The tags say number_of_gpus {stated}, but tensor x pipeline is {profile.gpu_count}, which is used."
        )
    return doubts


def _spelling(profile: Profile) -> tuple[object, ...]:
    return (
        profile.name,
        profile.id,
        sorted(profile.tags.items()),
        profile.workspace_hash or "",
        profile.download_bytes or 0,
    )


def _preference(profile: Profile) -> tuple[object, ...]:
    """Order of automatic selection.

    NVIDIA documents only its first step, hardware-specific before generic. The rest is ours: plain before LoRA, ready
    engines before those compiled at start, fewer GPUs, less memory, name, id.
    """
    built = profile.tags.get("trtllm_buildable") == "true"
    need = (profile.gpu_count, profile.min_vram_per_device_gb or 0.0)
    return (profile.gpu is None, profile.lora, built, *need, profile.name, profile.id)


def _breadth(profile: Profile) -> tuple[object, ...]:
    """Order of `default`: the profile that runs in most places first, so generic before hardware-specific."""
    return (profile.gpu is not None, *_preference(profile)[1:])
