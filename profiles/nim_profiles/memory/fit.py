"""Will this profile run on this GPU: in the three classes of a NIM container, with what would change the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nim_profiles.compatibility import hardware_gaps
from nim_profiles.gpu import Gpu
from nim_profiles.memory.estimate import Estimate, estimate
from nim_profiles.memory.repair import Repair, flag_repairs, headroom_bytes
from nim_profiles.memory.settings import EngineSettings
from nim_profiles.profile import Profile
from nim_profiles.shape import ModelShape, UnsupportedShape, UnsupportedSharding
from nim_profiles.shape.quantization import UNQUANTIZED, Quantization
from nim_profiles.units import GB, gib

Verdict = Literal["compatible", "low_memory", "incompatible"]


@dataclass(frozen=True, slots=True)
class Fit:
    """An answer for one profile on one GPU. All sizes are per GPU and estimates, but for the floor."""

    profile: Profile
    gpu: Gpu
    verdict: Verdict
    """`low_memory`: one of `repairs` that are flags makes it run. `incompatible`: no flag does."""
    gaps: tuple[str, ...]
    """What the hardware lacks whatever the settings are."""
    estimate: Estimate | None
    """None where vLLM cannot deal the model to that many GPUs; `gaps` says why."""
    floor_bytes: int | None
    """NVIDIA's own figure, from the manifest or the listing, less what a shorter context saves."""
    contradiction: str | None
    """Where that figure and our estimate disagree."""
    repairs: tuple[Repair, ...]
    """What makes it run, what is felt least first; each was checked."""

    @property
    def longest_context_tokens(self) -> int:
        return self.estimate.longest_context_tokens if self.estimate else 0

    @property
    def full_length_requests(self) -> float:
        return self.estimate.full_length_requests if self.estimate else 0.0


def load_format(shape: ModelShape, precision: str | None) -> tuple[str, str | None]:
    """Data type and quantization that a profile's precision word means for this model.

    The checkpoint's own scheme is kept where it has as many bits as the word says.
    """
    dtype = "float16" if precision == "fp16" else "bfloat16"
    if precision is None:
        return dtype, None
    if precision in UNQUANTIZED:
        return dtype, "none"
    wanted = Quantization.named(precision)
    if shape.quantization is not None and wanted is not None and shape.quantization.bits == wanted.bits:
        return dtype, None
    return dtype, precision


def _estimate(shape: ModelShape, profile: Profile, gpu: Gpu, settings: EngineSettings) -> Estimate:
    dtype, quantization = load_format(shape, profile.precision)
    return estimate(
        shape,
        gpu,
        tensor_parallel=profile.tensor_parallel,
        pipeline_parallel=profile.pipeline_parallel,
        dtype=dtype,
        quantization=quantization,
        settings=settings,
    )


def _floor_bytes(floor_gb: float | None, found: Estimate, model_max_len: int) -> int | None:
    """The floor holds for the model's own context; a shorter one needs less KV cache."""
    if floor_gb is None:
        return None
    layout, length = found.layout, min(found.settings.max_model_len, model_max_len)
    block = max(layout.bytes_per_block, default=0)
    saved = (layout.blocks_per_request(model_max_len) - layout.blocks_per_request(length)) * block
    return max(0, int(floor_gb * GB) - saved)


def _contradiction(floor_bytes: int | None, floor_gb: float | None, found: Estimate, gpu: Gpu) -> str | None:
    if floor_bytes is None or (floor_bytes <= gpu.memory_bytes) == found.fits:
        return None
    theirs = f"NVIDIA's figure ({floor_gb:g} GB, {gib(floor_bytes)} at {found.settings.max_model_len:,} tokens)"
    need = f"at most {gib(found.used.safe_bytes + found.kv_needed_bytes)} of {gib(found.requested.safe_bytes)}"
    if found.fits:
        return f"{theirs} says that {gpu.short_name} is too small; our estimate says it fits ({need})"
    return f"{theirs} says that {gpu.short_name} is enough; our estimate says it is too small ({need})"


def fit(
    shape: ModelShape,
    profile: Profile,
    gpu: Gpu,
    settings: EngineSettings | None = None,
    *,
    listing_requires_gb: float | None = None,
    other_profiles: Sequence[Profile] = (),
    other_gpus: Sequence[Gpu] = (),
) -> Fit:
    """The class, and every repair that was found. A LoRA profile keeps at least one slot, as vLLM does by default.

    `listing_requires_gb`: from `[requires >=N GB/gpu]`; it goes before the manifest's own figure, since it was computed
    for a real machine. `other_profiles`, `other_gpus`: where to look further when no flag helps.
    """
    settings = settings or EngineSettings()
    if profile.lora and settings.lora_slots == 0:
        settings = replace(settings, lora_slots=1)
    floor_gb = listing_requires_gb if listing_requires_gb is not None else profile.min_vram_per_device_gb
    gaps = hardware_gaps(profile, gpu)
    try:
        found = _estimate(shape, profile, gpu, settings)
    except (UnsupportedSharding, UnsupportedShape) as refusal:
        return Fit(profile, gpu, "incompatible", (*gaps, str(refusal)), None, None, None, ())
    floor = _floor_bytes(floor_gb, found, shape.max_position_embeddings)
    contradiction = _contradiction(floor, floor_gb, found, gpu)

    def runs(other: Estimate) -> bool:
        need = _floor_bytes(floor_gb, other, shape.max_position_embeddings)
        return other.fits and (need is None or need <= gpu.memory_bytes)

    if not gaps and runs(found):
        return Fit(profile, gpu, "compatible", (), found, floor, contradiction, ())

    def check(changed: EngineSettings) -> Estimate | None:
        other = _estimate(shape, profile, gpu, changed)
        return other if runs(other) else None

    repairs = [] if gaps else flag_repairs(settings, found, gpu, check)
    verdict: Verdict = "low_memory" if repairs else "incompatible"
    others = [(other, gpu, "another profile of the image") for other in other_profiles if other.id != profile.id]
    larger = sorted(other_gpus, key=lambda g: (g.memory_bytes, g.product))
    next_gpus = [(profile, other, "another instance type") for other in larger]
    for places in (others, next_gpus):
        repairs += next(filter(None, (_elsewhere(shape, *place, settings, found) for place in places)), [])
    return Fit(profile, gpu, verdict, gaps, found, floor, contradiction, tuple(repairs))


def _elsewhere(
    shape: ModelShape, profile: Profile, gpu: Gpu, cost: str, settings: EngineSettings, before: Estimate
) -> list[Repair]:
    found = fit(shape, profile, gpu, settings)
    if found.verdict != "compatible" or found.estimate is None:
        return []
    frees = headroom_bytes(found.estimate) - headroom_bytes(before)
    return [Repair("", "", frees, cost, profile=profile, gpu=gpu)]
