"""Does an endpoint fit its GPUs: the estimate of `nim_profiles`, with what a stack file says to it."""

from collections.abc import Iterator
from pathlib import Path

from nim_profiles.gpu import Gpu
from nim_profiles.locked_image import LockedImage
from nim_profiles.locked_shape import NoShape, shape_of
from nim_profiles.memory import EngineSettings, Fit, Repair, fit
from nim_profiles.memory.explain import between, summary
from nim_profiles.profile import Profile
from nim_profiles.shape import ModelShape
from nim_profiles.units import GB, GIB, gib
from stacks import settings as stack
from stacks.lighter import lighter_profile
from stacks.lora import Slots, slots

REPAIRS_SHOWN = 3
NO_WISH = Slots()
"""What vLLM keeps for adapters where nobody says more."""


def fit_of(
    shape: ModelShape,
    profile: Profile,
    gpu: Gpu,
    given: stack.EngineSettings,
    image: LockedImage,
    slots: Slots = NO_WISH,
) -> Fit:
    """`slots` count only for profiles with LoRA."""
    settings = EngineSettings(
        max_model_len=given.max_model_len,
        max_num_seqs=given.max_num_seqs,
        max_num_batched_tokens=given.max_num_batched_tokens,
        gpu_memory_utilization=given.gpu_memory_utilization,
        kv_dtype=given.kv_cache_dtype or "auto",
        enforce_eager=given.enforce_eager,
        lora_slots=slots.gpu if profile.lora else 0,
        lora_rank=slots.rank,
    )
    return fit(shape, profile, gpu, settings, other_profiles=image.profiles)


def fits(
    endpoint: stack.Endpoint, profile: Profile, gpu: Gpu, image: LockedImage, lock_folder: Path
) -> tuple[Fit | None, Fit | None, Fit | None]:
    """Of the profile, of its lighter sibling where that would run, and of the profile without the file's settings.

    None where there is nothing to say.
    """
    kept = NO_WISH if endpoint.lora is None else slots(endpoint.lora)
    try:
        shape = shape_of(image, lock_folder)
    except NoShape:
        return None, None, None
    fit = fit_of(shape, profile, gpu, endpoint.settings, image, kept)
    unset = stack.EngineSettings()
    plain = None if endpoint.settings == unset else fit_of(shape, profile, gpu, unset, image, kept)
    if (other := lighter_profile(profile, image.profiles, gpu)) is None:
        return fit, None, plain
    lighter = fit_of(shape, other, gpu, endpoint.settings, image, kept)
    return fit, lighter if lighter.verdict == "compatible" else None, plain


def objection(found: Fit) -> str | None:
    """Why the endpoint cannot run as it is written, with what makes it run; None when it can."""
    if found.verdict == "compatible":
        return None
    reasons = found.gaps or (summary(found),)
    mends = [_mend(repair) for repair in found.repairs[:REPAIRS_SHOWN]]
    return f"does not run on {found.gpu.product}: {'; '.join(reasons)}; {' or '.join(mends) or 'choose another pool'}"


def floor_objection(profile: Profile, gpu: Gpu) -> str | None:
    """The same from NVIDIA's figure alone, where no shape is known; None where it gives none or is satisfied."""
    floor = profile.min_vram_per_device_gb
    if floor is None or floor * GB <= gpu.memory_bytes:
        return None
    usable = gib(gpu.memory_bytes)
    return f"asks for {floor:g} GB of each GPU; {gpu.product} has {usable}; choose another profile or another pool"


def _mend(repair: Repair) -> str:
    if repair.settings is None:
        assert repair.profile is not None  # noqa: S101 - a repair is flags or another place to run
        return f"pin {repair.profile.id} ({repair.profile.name})"
    keys = ", ".join(f"{key}: {value}" for key, value in _keys(repair))
    return f"write {keys} under settings (frees {gib(repair.frees_bytes)} a GPU by estimate; cost: {repair.cost})"


def _keys(repair: Repair) -> Iterator[tuple[str, str]]:
    for flag in repair.flags:
        name, _, value = flag.removeprefix("--").partition("=")
        yield name.replace("-", "_"), value or "true"


def in_short(found: Fit, gpu: Gpu) -> str:
    """For tables: `25.8-26.5 of 44.7 GiB (estimate)`."""
    if found.estimate is None:
        return gib(gpu.memory_bytes)
    used = found.estimate.used
    needed = found.estimate.kv_needed_bytes
    low_to_high = between(used.likely_bytes + needed, used.safe_bytes + needed).removesuffix(" GiB")
    return f"{low_to_high} of {gpu.memory_bytes / GIB:.1f} GiB (estimate)"
