"""Which profile an endpoint runs, and what its pods are told: an id, `default`, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nim_profiles.closest import closest
from nim_profiles.gpu import Gpu
from nim_profiles.instance import InstanceType, UnknownInstanceType, catalogue, gpu_of_product, instance_type
from nim_profiles.profile import Profile
from nim_profiles.selection import AmbiguousName, BadWish, Incompatible, NoSuchProfile, Refusal, Rule, find, select

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Choice:
    """How the profile of an endpoint came about."""

    profile: Profile
    """What runs; of `default` and of automatic selection, what the plan's figures assume."""
    rule: Rule
    warnings: tuple[str, ...] = ()
    """What is not deterministic, in whole sentences."""

    @property
    def written(self) -> str | None:
        """Value of NIM_MODEL_PROFILE in the pods; None leaves the variable out, and the container chooses."""
        return {Rule.DEFAULT: DEFAULT, Rule.AUTOMATIC: None}.get(self.rule, self.profile.id)

    @property
    def loose(self) -> bool:
        """Whether the container chooses when it starts, so that the plan can only assume."""
        return self.rule in (Rule.DEFAULT, Rule.AUTOMATIC)


def rule_of(wanted: str | None, profiles: Sequence[Profile]) -> Rule:
    """How `wanted` would be understood, whether or not there is such a profile."""
    if wanted is None:
        return Rule.AUTOMATIC
    try:
        return find(profiles, wanted)[1]
    except Refusal:
        return Rule.DEFAULT if wanted.strip().lower() == DEFAULT else Rule.NAME


def choose(wanted: str | None, profiles: Sequence[Profile], gpu: Gpu | None, gpu_count: int | None) -> Choice:
    """Raises Refusal. GPU and count matter only where the container chooses: what is named is judged by its fit."""
    rule = rule_of(wanted, profiles)
    if rule in (Rule.DEFAULT, Rule.AUTOMATIC):
        found = select(profiles, wanted, gpu, gpu_count)
        return Choice(
            found.profile, found.reason.rule, (_assumption(found.profile, found.reason.rule), *found.warnings)
        )
    profile, rule = find(profiles, wanted or "")
    if rule is Rule.ID:
        return Choice(profile, rule)
    return Choice(profile, rule, (f"the name {profile.name} means {profile.id} in this image; the pods get that id.",))


def _assumption(profile: Profile, rule: Rule) -> str:
    who = "`default` is written to the pods" if rule is Rule.DEFAULT else "no profile is named, so none is written"
    return f"{who} and the container chooses when it starts; all figures here assume {profile.name} ({profile.id})."


def refusal(error: Refusal, profiles: Sequence[Profile]) -> str:
    """Why nothing was chosen, in one line with the fix."""
    match error:
        case AmbiguousName():
            ids = ", ".join(error.ids)
            return f"found the name {error.name!r} of {len(error.ids)} profiles; write one of the ids {ids}"
        case NoSuchProfile():
            near = "; ".join(f"{one.profile.id} ({one.profile.name})" for one in closest(error.wanted, profiles))
            return f"found {error.wanted}, which this image does not offer; closest: {near}"
        case Incompatible():
            why = "; ".join(f"{profile.name}: {', '.join(gaps)}" for profile, gaps in error.gaps.items())
            found = "leaves the choice to the container, and no profile of this image runs there"
            return f"{found} ({why}); choose another pool"
        case BadWish():
            return f"found {' '.join(str(error).split())}"
        case _:
            return " ".join(str(error).split())


def forbidden(choice: Choice, allowed: Sequence[str]) -> str | None:
    """What the stack's `profile_selection` has against it; None where it has nothing."""
    if choice.rule.value in allowed:
        return None
    found = {
        Rule.ID: "an id",
        Rule.NAME: f"the name {choice.profile.name}",
        Rule.DEFAULT: "default",
        Rule.AUTOMATIC: "no profile, which is automatic selection",
    }[choice.rule]
    fix = f"pin {choice.profile.id} ({choice.profile.name}), or add {choice.rule.value} there"
    return f"found {found}, and nim:profile_selection allows {', '.join(map(str, allowed))}; {fix}"


def place_of(pool: dict[str, Any]) -> tuple[Gpu | None, int | None]:
    """GPU and GPUs a node of a pool as it stands in the file; None where the file does not say, or says it wrongly."""
    try:
        if (nodes := largest_node(pool)) is not None:
            return nodes.gpu, nodes.gpu_count
        if isinstance(product := pool.get("gpu"), str):
            return gpu_of_product(product), None
    except UnknownInstanceType:
        pass
    return None, None


def largest_node(pool: dict[str, Any]) -> InstanceType | None:
    """The type with the most GPUs that a pool may have, as it stands in the file; None where the file does not say.

    Raises UnknownInstanceType.
    """
    names: list[str] = []
    match pool:
        case {"instance_type": str(name)}:
            names = [name]
        case {"back_end": "karpenter", "instance_types": [*given]}:
            names = [name for name in given if isinstance(name, str)]
        case {"back_end": "karpenter", "gpu": str(product)}:
            names = [name for name, kind in sorted(catalogue().items()) if kind.gpu.product == product]
    return max(map(instance_type, names), key=lambda kind: kind.gpu_count, default=None)
