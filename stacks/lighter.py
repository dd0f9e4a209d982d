"""The same model in FP8, for an endpoint that runs it in 16 bits: half the weights, where image and GPU have it."""

from collections.abc import Iterator, Sequence

from nim_profiles.compatibility import hardware_gaps
from nim_profiles.gpu import Gpu
from nim_profiles.memory import Fit
from nim_profiles.profile import Profile
from nim_profiles.shape.quantization import UNQUANTIZED
from nim_profiles.units import gib


def lighter_profile(profile: Profile, siblings: Sequence[Profile], gpu: Gpu) -> Profile | None:
    """Of the same engine and features, on no more GPUs; the one with the most like them. None where there is none."""
    if profile.precision not in UNQUANTIZED:
        return None
    found = [
        one
        for one in siblings
        if one.precision == "fp8"
        and (one.engine, one.lora) == (profile.engine, profile.lora)
        and one.gpu_count <= profile.gpu_count
        and not hardware_gaps(one, gpu)
    ]
    return max(found, key=lambda one: (one.gpu_count, one.gpu or "", one.name), default=None)


def saving(now: Fit, lighter: Fit) -> str:
    """What `lighter` would save, in a sentence that goes on from the endpoint's name."""
    return (
        f"runs {now.profile.name}; {lighter.profile.name} ({lighter.profile.id}) would "
        f"{' and '.join(_savings(now, lighter)) or 'do the same'}; pin it where its answers are as good"
    )


def _savings(now: Fit, lighter: Fit) -> Iterator[str]:
    before, after = now.profile, lighter.profile
    if after.gpu_count < before.gpu_count:
        yield f"take {after.gpu_count} GPUs a replica instead of {before.gpu_count}"
    if now.estimate and lighter.estimate:
        freed = now.estimate.used.safe_bytes - lighter.estimate.used.safe_bytes
        yield f"need {gib(freed)} less of each GPU (estimate)" if freed > 0 else "need no less of each GPU"
    if before.download_bytes and after.download_bytes and after.download_bytes < before.download_bytes:
        yield f"download {gib(before.download_bytes - after.download_bytes)} less"
