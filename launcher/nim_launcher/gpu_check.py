"""Do the GPUs that were found serve the profile that is pinned? Pure: values in, faults and notes out."""

from collections.abc import Iterator
from dataclasses import dataclass

from nim_launcher.gpus import FoundGpu, Machine
from nim_launcher.refusal import ExitCode, Fault
from nim_profiles.compatibility import is_built_for, memory_gap
from nim_profiles.gpu import CPU
from nim_profiles.precision import Engine, least_compute_capability, precision_note
from nim_profiles.profile import Profile
from nim_profiles.units import gib


def needs_gpus(profile: Profile) -> bool:
    return (profile.gpu or "").lower() != CPU


@dataclass(frozen=True, slots=True)
class Wish:
    """What one pod of the profile asks of its machine."""

    profile: Profile
    gpu_count: int
    """In this pod: those of one replica, divided by its nodes."""
    memory_fraction: float
    """`--gpu-memory-utilization`, which vLLM wants free when it starts."""
    shortened: bool = False
    """True where somebody set the context length, which may make a profile fit that does not fit as it is."""
    cuda_version: tuple[int, int] | None = None
    """CUDA of the image; None where nobody says."""
    compatibility_libraries: bool = False
    """True where the image brings what lets an older driver run a newer CUDA."""


@dataclass(frozen=True, slots=True)
class Verdict:
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def check(wish: Wish, machine: Machine) -> Verdict:
    """Every fault, in the order of the exit codes, so that equal machines refuse with equal codes."""
    used = machine.gpus[: wish.gpu_count]
    faults = [*_driver(wish, machine), *_count(wish, machine)]
    for found in used:
        faults += _device(wish, found)
    if len({found.gpu.product for found in used}) > 1:
        products = ", ".join(dict.fromkeys(found.gpu.product for found in used))
        faults.append(Fault(ExitCode.GPU_PRODUCT, f"the GPUs differ: {products}. Use a node with GPUs of one kind"))
    faults += _mig(wish, machine)
    notes = []
    if len(machine.gpus) > wish.gpu_count:
        notes.append(f"{len(machine.gpus)} GPUs found, {wish.profile.name} uses {wish.gpu_count} of them here")
    if used and (less := precision_note(wish.profile.precision or "", Engine.VLLM, used[0].gpu)):
        notes.append(less)
    short = memory_gap(wish.profile, used[0].gpu) if used else None
    if short and wish.shortened:
        notes.append(f"{wish.profile.name} {short}; it starts only if the context length that was set is short enough")
    if _driver_is_older(wish, machine) and wish.compatibility_libraries:
        notes.append(f"driver {machine.driver_version} is older than the image's CUDA: compatibility libraries must do")
    unique = dict.fromkeys(sorted(faults, key=lambda fault: fault.code))
    return Verdict(tuple(unique), tuple(notes))


def _driver_is_older(wish: Wish, machine: Machine) -> bool:
    # Within one major version every driver runs every CUDA (minor version compatibility, CUDA >= 11).
    return wish.cuda_version is not None and machine.cuda_version[0] < wish.cuda_version[0]


def _driver(wish: Wish, machine: Machine) -> Iterator[Fault]:
    if _driver_is_older(wish, machine) and not wish.compatibility_libraries:
        have, need = (".".join(map(str, version)) for version in (machine.cuda_version, wish.cuda_version or ()))
        yield Fault(
            ExitCode.DRIVER_TOO_OLD,
            f"driver {machine.driver_version} runs CUDA {have}, this image has CUDA {need}. Update the node's driver, "
            "use an image with an older CUDA, or bring compatibility libraries in LD_LIBRARY_PATH",
        )


def _count(wish: Wish, machine: Machine) -> Iterator[Fault]:
    if len(machine.gpus) < wish.gpu_count:
        yield Fault(
            ExitCode.GPU_COUNT,
            f"{wish.profile.name} needs {wish.gpu_count} GPUs here, {len(machine.gpus)} are visible. Request "
            f"nvidia.com/gpu: {wish.gpu_count}, or pin a profile for {len(machine.gpus)}",
        )


def _device(wish: Wish, found: FoundGpu) -> Iterator[Fault]:
    profile, gpu = wish.profile, found.gpu
    who = f"GPU {found.index} ({gpu.product})"
    if profile.gpu is not None and not is_built_for(profile.gpu, gpu):
        fix = f"Select nodes with {profile.gpu}, or pin a generic profile"
        yield Fault(ExitCode.GPU_PRODUCT, f"{profile.name} is built for {profile.gpu}, {who} is another. {fix}")
    floor = least_compute_capability(profile.precision or "", Engine.VLLM)
    if floor is not None and gpu.compute_capability < floor:
        need, have = (".".join(map(str, pair)) for pair in (floor, gpu.compute_capability))
        yield Fault(
            ExitCode.COMPUTE_CAPABILITY,
            f"{profile.precision} needs compute capability {need}, {who} has {have}. Pin a profile of another "
            "precision, or use a newer GPU",
        )
    short = memory_gap(profile, gpu)
    if short and not wish.shortened:
        yield Fault(
            ExitCode.GPU_MEMORY,
            f"{profile.name} {short} (GPU {found.index}). Set --max-model-len or NIM_MAX_MODEL_LEN to a context that "
            "fits, or use a larger GPU",
        )
    wanted = int(gpu.memory_bytes * wish.memory_fraction)
    if found.free_bytes < wanted:
        yield Fault(
            ExitCode.GPU_OCCUPIED,
            f"{who} has {gib(found.free_bytes)} of {gib(gpu.memory_bytes)} free, and vLLM wants "
            f"{wish.memory_fraction:g} of it, {gib(wanted)}. End what else runs there, or lower "
            "--gpu-memory-utilization",
        )


def _mig(wish: Wish, machine: Machine) -> Iterator[Fault]:
    if machine.empty_mig_gpus:
        which = ", ".join(map(str, machine.empty_mig_gpus))
        yield Fault(ExitCode.MIG, f"MIG is on without an instance on GPU {which}. Create instances, or switch MIG off")
    if wish.gpu_count > 1 and any(found.mig_instance for found in machine.gpus[: wish.gpu_count]):
        yield Fault(
            ExitCode.MIG,
            f"{wish.profile.name} needs {wish.gpu_count} GPUs that talk to each other, and MIG instances cannot. "
            "Use whole GPUs, or pin a profile for one",
        )
