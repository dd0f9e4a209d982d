"""Writes what `list-model-profiles` prints, the inverse of `listing`: for containers of ours that behave like NIM's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nim_profiles.listed_profile import Status
from nim_profiles.listing import ListedGpu
from nim_profiles.profile import Profile


def listing_text(gpus: Sequence[ListedGpu], profiles: Mapping[Status, Sequence[Profile]]) -> str:
    """In each class by name and id. A class without profiles is left out, but for the first."""
    return "\n".join([*system_info(gpus), "MODEL PROFILES", *_classes(profiles)])


def system_info(gpus: Sequence[ListedGpu]) -> Iterator[str]:
    """The part on the machine, which NIM also prints when nothing runs there."""
    yield "SYSTEM INFO"
    free, busy = ([_gpu(gpu) for gpu in gpus if gpu.free is wanted] for wanted in (True, False))
    yield from ["- Free GPUs:", *free] if free else ["- Free GPUs: <None>"]
    if busy:
        yield from ["- Non-free GPUs:", *busy]


def _gpu(gpu: ListedGpu) -> str:
    used = "N/A" if gpu.utilization_percent is None else f"{gpu.utilization_percent:g}"
    return f"  -  [{gpu.device}] ({gpu.index}) {gpu.name} [current utilization: {used}%]"


def _classes(profiles: Mapping[Status, Sequence[Profile]]) -> Iterator[str]:
    runnable = profiles.get(Status.COMPATIBLE, ())
    yield "- Compatible with system and runnable:" + ("" if runnable else " <None>")
    yield from (f"  - {line}" for line in _lines(one for one in runnable if not one.lora))
    if lora := [*_lines(one for one in runnable if one.lora)]:
        yield "  - With LoRA support:"
        yield from (f"    - {line}" for line in lora)
    headers = {
        Status.LOW_MEMORY: "- Compatible with system but low memory:",
        Status.INCOMPATIBLE: "- Incompatible with system:",
    }
    for status, header in headers.items():
        if profiles.get(status):
            yield header
            yield from (f"    - {line}" for line in _lines(profiles[status]))


def _lines(profiles: Iterable[Profile]) -> Iterator[str]:
    for profile in sorted(profiles, key=lambda one: (one.name, one.id)):
        floor = profile.min_vram_per_device_gb
        yield f"{profile.id} ({profile.name})" + (f" [requires >={floor:g} GB/gpu]" if floor is not None else "")
