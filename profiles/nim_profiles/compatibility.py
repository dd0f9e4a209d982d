"""What a profile lacks on a GPU: the floors that NIM documents, told one by one instead of as yes or no."""

import re

from nim_profiles.gpu import CPU, Gpu
from nim_profiles.precision import Engine, least_compute_capability
from nim_profiles.profile import Profile
from nim_profiles.units import GB, gib

GPU_WORDS = {
    "a100": ("NVIDIA-A100-SXM4-80GB", "NVIDIA-A100-80GB-PCIe"),
    "a100_sxm4_40gb": ("NVIDIA-A100-SXM4-40GB",),
    "h100": ("NVIDIA-H100-80GB-HBM3",),
    "h100pcie": ("NVIDIA-H100-PCIe",),
    "rtx6000_blackwell_sv": ("NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition",),
}
"""GPU words of profile names whose node label `nvidia.com/gpu.product` is not simply `NVIDIA-` and the word. The PCI
ids beside these words in NIM's tags say which device is meant."""


def hardware_gaps(profile: Profile, gpu: Gpu | None, gpu_count: int | None = None) -> tuple[str, ...]:
    """Why `profile` cannot run there whatever its settings are; empty when nothing speaks against it.

    `gpu_count` is the GPUs that one replica may use. None leaves the kind, or the number, out of the question.
    """
    gaps = []
    if gpu is not None and profile.gpu is not None and not is_built_for(profile.gpu, gpu):
        gaps.append(f"is built for {profile.gpu}, not for {gpu.product}")
    for_gpus = (profile.gpu or "").lower() != CPU
    floor = least_compute_capability(profile.precision or "", Engine.NIM) if for_gpus else None
    if gpu is not None and floor is not None and gpu.compute_capability < floor:
        need, have = (".".join(map(str, pair)) for pair in (floor, gpu.compute_capability))
        gaps.append(f"{profile.precision} needs compute capability {need}, {gpu.product} has {have}")
    if gpu_count is not None and gpu_count < profile.gpu_count:
        gaps.append(f"needs {profile.gpu_count} GPUs, there are {gpu_count}")
    return tuple(gaps)


def memory_gap(profile: Profile, gpu: Gpu | None) -> str | None:
    """What NVIDIA's own floor asks for above the GPU's memory; None where it fits or nothing is known.

    The floor holds for the default context length, so a shorter `--max-model-len` may close the gap.
    """
    floor_gb = profile.min_vram_per_device_gb
    if gpu is None or floor_gb is None or floor_gb * GB <= gpu.memory_bytes:
        return None
    return f"needs {gib(int(floor_gb * GB))} a GPU ({floor_gb:g} GB), {gpu.product} has {gib(gpu.memory_bytes)}"


def is_built_for(word: str, gpu: Gpu) -> bool:
    """True when `word`, the GPU word of a hardware-specific profile, means this GPU. Case does not matter."""
    word = word.lower().removeprefix("nvidia-")
    if word in GPU_WORDS:
        return gpu.product in GPU_WORDS[word]
    return re.sub(r"[_ ]", "-", word) == gpu.product.lower().removeprefix("nvidia-")
