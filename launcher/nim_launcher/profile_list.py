"""`list-model-profiles`: the manifest's profiles in NIM's own format, by what this machine can do with them."""

from nim_launcher.gpu_check import needs_gpus
from nim_launcher.gpus import Machine
from nim_profiles.compatibility import hardware_gaps, memory_gap
from nim_profiles.listing import ListedGpu, Status
from nim_profiles.listing_text import listing_text
from nim_profiles.manifest import Manifest
from nim_profiles.profile import Profile

FREE_FRACTION = 0.9
"""A GPU with less of its memory free is not free. Ours; NIM does not say what it takes."""


def listing(manifest: Manifest, machine: Machine | None) -> str:
    """None is a machine without a driver: only CPU profiles run there."""
    gpus = [
        ListedGpu(
            device=found.pci_device,
            index=found.index,
            name=f"NVIDIA {found.gpu.short_name}",
            free=found.free_bytes >= FREE_FRACTION * found.gpu.memory_bytes,
            utilization_percent=found.utilization_percent,
        )
        for found in (machine.gpus if machine else ())
    ]
    classes: dict[Status, list[Profile]] = {status: [] for status in Status}
    for profile in manifest.profiles:
        classes[_status(profile, machine)].append(profile)
    return listing_text(gpus, classes)


def _status(profile: Profile, machine: Machine | None) -> Status:
    if not needs_gpus(profile):
        return Status.COMPATIBLE
    if machine is None or not machine.gpus:
        return Status.INCOMPATIBLE
    gpu = machine.gpus[0].gpu
    if hardware_gaps(profile, gpu, len(machine.gpus)):
        return Status.INCOMPATIBLE
    return Status.LOW_MEMORY if memory_gap(profile, gpu) else Status.COMPATIBLE
