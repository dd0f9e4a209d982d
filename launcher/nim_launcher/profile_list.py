"""`list-model-profiles`: the manifest's profiles in NIM's own format, by what this machine can do with them."""

from collections.abc import Iterator

from nim_launcher.gpu_check import needs_gpus
from nim_launcher.gpus import Machine
from nim_profiles.compatibility import hardware_gaps, memory_gap
from nim_profiles.manifest import Manifest
from nim_profiles.profile import Profile

FREE_FRACTION = 0.9
"""A GPU with less of its memory free is not free. Ours; NIM does not say what it takes."""


def listing(manifest: Manifest, machine: Machine | None) -> str:
    """None is a machine without a driver: only CPU profiles run there. Sorted by name and id."""
    return "\n".join([*_system(machine), "MODEL PROFILES", *_profiles(manifest, machine)])


def _system(machine: Machine | None) -> Iterator[str]:
    gpus = machine.gpus if machine else ()
    groups: dict[bool, list[str]] = {True: [], False: []}
    for found in gpus:
        used = "N/A" if found.utilization_percent is None else found.utilization_percent
        line = f"  -  [{found.pci_device}] ({found.index}) NVIDIA {found.gpu.short_name} [current utilization: {used}%]"
        groups[found.free_bytes >= FREE_FRACTION * found.gpu.memory_bytes].append(line)
    yield "SYSTEM INFO"
    yield from ["- Free GPUs:", *groups[True]] if groups[True] else ["- Free GPUs: <None>"]
    if groups[False]:
        yield from ["- Non-free GPUs:", *groups[False]]


def _profiles(manifest: Manifest, machine: Machine | None) -> Iterator[str]:
    runnable: list[Profile] = []
    short: list[Profile] = []
    not_here: list[Profile] = []
    for profile in sorted(manifest.profiles, key=lambda profile: (profile.name, profile.id)):
        gpu = machine.gpus[0].gpu if machine and machine.gpus else None
        if not needs_gpus(profile):
            runnable.append(profile)
        elif gpu is None or hardware_gaps(profile, gpu, len(machine.gpus) if machine else 0):
            not_here.append(profile)
        else:
            (short if memory_gap(profile, gpu) else runnable).append(profile)
    plain, lora = ([p for p in runnable if p.lora is wanted] for wanted in (False, True))
    yield "- Compatible with system and runnable:" + ("" if runnable else " <None>")
    yield from (f"  - {_line(profile)}" for profile in plain)
    if lora:
        yield "  - With LoRA support:"
        yield from (f"    - {_line(profile)}" for profile in lora)
    if short:
        yield "- Compatible with system but low memory:"
        yield from (f"    - {_line(profile)}" for profile in short)
    if not_here:
        yield "- Incompatible with system:"
        yield from (f"    - {_line(profile)}" for profile in not_here)


def _line(profile: Profile) -> str:
    floor = profile.min_vram_per_device_gb
    return f"{profile.id} ({profile.name})" + (f" [requires >={floor:g} GB/gpu]" if floor is not None else "")
