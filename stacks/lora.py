"""LoRA adapters of an endpoint: what is wrong with them, and what the pods get for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nim_profiles.nim_env import Family, variables
from nim_profiles.nim_env.secrecy import secret_problem
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import Setting, options_for
from pulumi_nim.images import BadImage, Image
from pulumi_nim.manifests.adapters import ADAPTERS_PATH, Adapters, FetchAdapters
from stacks.settings import Lora

SOURCE, REFRESH = "NIM_PEFT_SOURCE", "NIM_PEFT_REFRESH_INTERVAL"
RANKS = tuple(int(rank) for rank in options_for(None).by_flag["--max-lora-rank"].choices)
"""Ranks that vLLM keeps slots for."""
RANK_TAG = "feat_lora_max_rank"
HEADROOM = 1.2
"""Of a volume that is filled anew, over the adapters in it: ours."""


@dataclass(frozen=True, slots=True)
class Slots:
    """What memory is kept for; vLLM's own defaults where a LoRA profile runs and nobody says more."""

    gpu: int = 1
    cpu: int = 1
    rank: int = 16


def slots(lora: Lora) -> Slots:
    gpu = lora.max_gpu_loras or len(lora.adapters)
    largest = max(adapter.rank for adapter in lora.adapters)
    enough = min((rank for rank in RANKS if rank >= largest), default=largest)
    return Slots(gpu, lora.max_cpu_loras or gpu, lora.max_rank or enough)


def options(lora: Lora) -> tuple[Setting, ...]:
    """For vLLM."""
    kept = slots(lora)
    sizes = {"--max-loras": kept.gpu, "--max-cpu-loras": kept.cpu, "--max-lora-rank": kept.rank}
    return tuple(Setting(flag, (str(size),)) for flag, size in sizes.items())


def environment(lora: Lora) -> dict[str, str]:
    refresh = {} if lora.refresh_seconds is None else {REFRESH: str(lora.refresh_seconds)}
    return {SOURCE: ADAPTERS_PATH, **refresh}


def adapters_of(lora: Lora) -> Adapters:
    source = lora.source
    if source.claim is not None:
        return Adapters(volume={"persistentVolumeClaim": {"claimName": source.claim, "readOnly": True}})
    if source.volume is not None:
        csi = {"driver": source.volume.driver, "readOnly": True, "volumeAttributes": source.volume.attributes}
        return Adapters(volume={"csi": csi})
    if source.fetch is None:
        raise AssertionError("the settings allow exactly one source")
    size = f"{int(sum(adapter.size_mib for adapter in lora.adapters) * HEADROOM) + 1}Mi"
    fetch = FetchAdapters(image=source.fetch.image, command=tuple(source.fetch.command), env=source.fetch.env)
    return Adapters(volume={"emptyDir": {"sizeLimit": size}}, fetch=fetch)


def faults(
    lora: Lora, profile: Profile, siblings: Sequence[Profile], family: Family | None
) -> Iterator[tuple[str, str]]:
    """Key below `lora` (empty: the block itself) and problem. `family` None: our launcher's image."""
    if not profile.lora:
        yield "", f"found adapters, but {profile.name} is no LoRA profile; {_with_feature(profile, siblings)}"
    if family is not None and SOURCE not in variables(family):
        yield "", f"found adapters, but {family} images are not known to take any; use an LLM image of 1.x or 2.x"
    yield from _slot_faults(lora, profile, family)
    yield from _fetch_faults(lora)


def _slot_faults(lora: Lora, profile: Profile, family: Family | None) -> Iterator[tuple[str, str]]:
    kept = slots(lora)
    names = [adapter.name for adapter in lora.adapters]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield "adapters", f"names {', '.join(twice)} twice; a name is a folder and a model in requests, so rename one"
    for place, adapter in enumerate(lora.adapters):
        if adapter.rank > kept.rank:
            fix = f"raise max_rank to {adapter.rank} or more, or leave the adapter out"
            yield f"adapters.{place}.rank", f"found {adapter.rank} of {adapter.name}, above max_rank {kept.rank}; {fix}"
    limit = int(profile.tags.get(RANK_TAG, kept.rank))
    if kept.rank > limit:
        why = f"found {kept.rank}, and {profile.name} is built for ranks up to {limit}"
        yield "max_rank", f"{why}; use smaller adapters"
    elif kept.rank not in RANKS and family is not Family.LLM_1:
        yield "max_rank", f"found {kept.rank}; vLLM takes {', '.join(map(str, RANKS))}"
    if kept.cpu < kept.gpu:
        fix = f"write {kept.gpu} or more: what is on the GPU has come through host memory"
        yield "max_cpu_loras", f"found {kept.cpu}, fewer than the {kept.gpu} on the GPU; {fix}"


def _fetch_faults(lora: Lora) -> Iterator[tuple[str, str]]:
    if (fetch := lora.source.fetch) is None:
        return
    if lora.refresh_seconds is not None:
        fix = "leave it out, or name a claim or a volume that changes"
        yield "refresh_seconds", f"does nothing: what was fetched stays as it is until the pods restart; {fix}"
    try:
        Image.parse(fetch.image)
    except BadImage as error:
        yield "source.fetch.image", f"found {fetch.image!r}, which {error}"
    for name, value in sorted(fetch.env.items()):
        if problem := secret_problem(name, value):
            yield f"source.fetch.env.{name}", problem


def missing(profile: Profile, siblings: Sequence[Profile]) -> str:
    """What is wrong with a LoRA profile without adapters."""
    without = _sibling(profile, siblings)
    other = f"pin {without.id} ({without.name})" if without else "pin a profile without LoRA"
    return f"is missing, but {profile.name} is a LoRA profile, which keeps memory for adapters; name them, or {other}"


def _with_feature(profile: Profile, siblings: Sequence[Profile]) -> str:
    if sibling := _sibling(profile, siblings):
        return f"pin {sibling.id} ({sibling.name}), which is the same with it"
    others = ", ".join(f"{one.id} ({one.name})" for one in siblings if one.lora)
    return f"of this image these have it: {others}" if others else "no profile of this image has it"


def _sibling(profile: Profile, siblings: Sequence[Profile]) -> Profile | None:
    """The profile that differs in the feature alone."""

    def kind(one: Profile) -> tuple[object, ...]:
        return (one.engine, one.precision, one.tensor_parallel, one.pipeline_parallel, one.gpu)

    return next((one for one in siblings if one.lora is not profile.lora and kind(one) == kind(profile)), None)
