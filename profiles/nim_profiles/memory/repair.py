"""The smallest change of engine settings that makes a profile run, one for each kind of change, each one checked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from nim_profiles.gpu import Gpu
from nim_profiles.memory.estimate import Estimate
from nim_profiles.memory.settings import EngineSettings
from nim_profiles.profile import Profile

Check = Callable[[EngineSettings], Estimate | None]
"""The estimate where the profile runs with these settings, else None."""

SHORTEST_CONTEXT_TOKENS = 4096
"""Shorter contexts are not offered: few requests would still be served."""
FEWEST_SEQUENCES = 16
FEWEST_BATCHED_TOKENS = 1024
HIGHEST_UTILIZATION = 0.95
"""What is left covers what the engine does not count: graphs before vLLM 0.21, fragmentation."""
FP8_KV_CAPABILITY = (8, 9)

FLAGS = {
    "gpu_memory_utilization": "--gpu-memory-utilization",
    "max_num_batched_tokens": "--max-num-batched-tokens",
    "max_num_seqs": "--max-num-seqs",
    "max_model_len": "--max-model-len",
    "enforce_eager": "--enforce-eager",
    "kv_dtype": "--kv-cache-dtype",
    "images": "--limit-mm-per-prompt",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """One way to make it run. `flag` and `value` are empty where another profile or GPU is the way."""

    flag: str
    """As on vLLM's command line. Several belong together where no single one helps: see `flags`."""
    value: str
    frees_bytes: int
    """By how much the safe figures come nearer to fitting, per GPU."""
    cost: str
    """What the user gives up."""
    flags: tuple[str, ...] = ()
    """All of them, `--flag=value` each; one for most repairs."""
    settings: EngineSettings | None = None
    """With the change made."""
    profile: Profile | None = None
    gpu: Gpu | None = None
    """Where to run instead; both are None where flags are the way."""

    @property
    def text(self) -> str:
        if self.flags:
            return "add " + " ".join(self.flags)
        assert self.profile is not None and self.gpu is not None  # noqa: S101, PT018 - what no flag does, these do
        return f"run {self.profile.name} on {self.gpu.product}"


def headroom_bytes(found: Estimate) -> int:
    """What one request of full length leaves on a GPU, by the safe figures; negative when it does not fit."""
    return found.kv_available.safe_bytes - found.kv_needed_bytes


def _value(name: str, settings: EngineSettings) -> str:
    if name == "images":
        return '{"image":0,"video":0}'
    value = getattr(settings, name)
    return "" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


def _repair(before: Estimate, after: Estimate, settings: EngineSettings, changed: Iterable[str], cost: str) -> Repair:
    pairs = [(FLAGS[name], _value(name, settings)) for name in changed]
    flags = tuple(f"{flag}={value}" if value else flag for flag, value in pairs)
    frees = headroom_bytes(after) - headroom_bytes(before)
    return Repair(*pairs[0], frees, cost, flags, settings)


def _halves(start: int, least: int) -> Iterable[int]:
    return takewhile(lambda size: size >= least, (2**power for power in range((start - 1).bit_length() - 1, 0, -1)))


def longest_that_runs(settings: EngineSettings, below_tokens: int, check: Check) -> EngineSettings | None:
    """The longest context under `below_tokens` that runs, rounded down; None where even the shortest does not."""

    def at(length: int) -> EngineSettings:
        return replace(settings, max_model_len=length)

    low, high = SHORTEST_CONTEXT_TOKENS, below_tokens
    if low >= high or check(at(low)) is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if check(at(middle)) else (low, middle)
    step = 1024 if low >= 8 * 1024 else 16
    return at(low - low % step)


def _single_changes(settings: EngineSettings, found: Estimate, gpu: Gpu) -> list[tuple[str, str, list[object]]]:
    """Field, cost and values to try (the smallest change first) of each kind, what is felt least first."""
    now = found.settings
    percent = round(now.gpu_memory_utilization * 100)
    highest = round(HIGHEST_UTILIZATION * 100)
    kinds: list[tuple[str, str, list[object]]] = [
        (
            "gpu_memory_utilization",
            "nothing, where no other process uses the GPU",
            [p / 100 for p in range(percent + 1, highest + 1)],
        ),
        (
            "max_num_seqs",
            "fewer requests run at once, further ones wait",
            list(_halves(now.max_num_seqs, FEWEST_SEQUENCES)),
        ),
    ]
    if now.release.chunked_prefill:
        smaller: list[object] = list(_halves(now.max_num_batched_tokens, FEWEST_BATCHED_TOKENS))
        kinds.append(
            ("max_num_batched_tokens", "long prompts are read in smaller pieces, so answers begin later", smaller)
        )
    if not now.enforce_eager and now.release.cuda_graphs_inside:
        kinds.append(("enforce_eager", "slower answers: no CUDA graphs", [True]))
    if settings.kv_dtype == "auto" and gpu.compute_capability >= FP8_KV_CAPABILITY:
        kinds.append(("kv_dtype", "keys and values in 8 bits: answers may differ slightly", ["fp8"]))
    if any(term.name == "encoder" and term.likely_bytes for term in found.terms):
        kinds.append(("images", "pictures and videos are refused", [False]))
    return kinds


def _first_that_runs(
    settings: EngineSettings, field: str, values: Iterable[object], check: Check
) -> EngineSettings | None:
    tried = (replace(settings, **{field: value}) for value in values)  # type: ignore[arg-type]  # a field chosen at run time
    return next((changed for changed in tried if check(changed) is not None), None)


def _together(settings: EngineSettings, found: Estimate, gpu: Gpu, check: Check) -> Repair | None:
    """Several changes at once: fewer sequences, then smaller batches, all memory, 8-bit keys; and a shorter context."""
    now, changed, names = found.settings, settings, list[str]()
    steps: list[tuple[str, object]] = [
        ("max_num_seqs", min(now.max_num_seqs, 64)),
        ("max_num_batched_tokens", min(now.max_num_batched_tokens, 2048)),
        ("gpu_memory_utilization", max(now.gpu_memory_utilization, HIGHEST_UTILIZATION)),
    ]
    if gpu.compute_capability >= FP8_KV_CAPABILITY and settings.kv_dtype == "auto":
        steps.append(("kv_dtype", "fp8"))
    for name, value in steps:
        if value == getattr(now, name) or (name == "max_num_batched_tokens" and not now.release.chunked_prefill):
            continue
        changed, names = replace(changed, **{name: value}), [*names, name]  # type: ignore[arg-type]  # as above
        cost = "fewer or slower requests at once"
        if (after := check(changed)) is not None:
            return _repair(found, after, changed, names, cost)
        shorter = longest_that_runs(changed, now.max_model_len, check)
        if shorter is not None and (after := check(shorter)) is not None:
            longest = f"; requests longer than {shorter.max_model_len:,} tokens are refused"
            return _repair(found, after, shorter, [*names, "max_model_len"], cost + longest)
    return None


def flag_repairs(settings: EngineSettings, found: Estimate, gpu: Gpu, check: Check) -> list[Repair]:
    """Every kind of change that suffices alone, what is felt least first; where none does, changes that do together."""
    repairs = []
    for field, cost, values in _single_changes(settings, found, gpu):
        changed = _first_that_runs(settings, field, values, check)
        if changed is not None and (after := check(changed)) is not None:
            repairs.append(_repair(found, after, changed, [field], cost))
    shorter = longest_that_runs(settings, found.settings.max_model_len, check)
    if shorter is not None and (after := check(shorter)) is not None:
        cost = f"requests longer than {shorter.max_model_len:,} tokens are refused"
        # After what only moves or slows work, before what changes answers or refuses pictures.
        place = sum(
            repair.flag in ("--gpu-memory-utilization", "--max-num-seqs", "--max-num-batched-tokens")
            for repair in repairs
        )
        repairs.insert(place, _repair(found, after, shorter, ["max_model_len"], cost))
    if not repairs and (both := _together(settings, found, gpu, check)) is not None:
        repairs.append(both)
    return repairs
