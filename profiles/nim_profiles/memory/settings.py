"""Engine settings that decide memory, and what vLLM sets where nobody did."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from nim_profiles.gpu import Gpu
from nim_profiles.units import GIB, MIB

NEWEST_VLLM = "0.33.0"
"""Release assumed where nobody names one; the formulas here were checked against its sources."""


@cache
def constants() -> Mapping[str, Any]:  # Any: the shape of a data file, read key by key
    """`data/vllm_memory_terms.json`: every constant of this package, with its source."""
    text = files("nim_profiles").joinpath("data/vllm_memory_terms.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class Range:
    """What we expect, and what a verdict leaves room for."""

    likely_bytes: int
    safe_bytes: int


def gib_range(pair: tuple[float, float]) -> Range:
    return Range(int(pair[0] * GIB), int(pair[1] * GIB))


@dataclass(frozen=True, slots=True)
class Release:
    """What differs between vLLM releases."""

    async_scheduling: bool
    """True: two batches are in flight, so sliding windows keep more."""
    chunked_prefill: bool
    """False: the profile run prefills `max_model_len` tokens at once, so activations grow with the context."""
    hybrid_kv: bool
    """False: sliding layers are stored at full length."""
    gpu_memory_utilization: float
    cuda_graphs_inside: bool
    """True: CUDA graphs are estimated and taken out of the budget; False: they come on top."""
    sampler: str
    """`sort` or `kernel`: which of `sampler_bytes_per_logit`."""


@cache
def release(vllm_version: str) -> Release:
    """Raises ValueError for a text that does not start with `<major>.<minor>`."""
    numbers = re.match(r"v?(\d+)\.(\d+)", vllm_version)
    if numbers is None:
        raise ValueError(f"vllm_version is {vllm_version!r}: give a release, such as {NEWEST_VLLM}")
    version = [int(numbers[1]), int(numbers[2])]
    row = [row for row in constants()["releases"]["rows"] if row["since"] <= version][-1]
    return Release(**{key: value for key, value in row.items() if key != "since"})


def cuda_total(gpu: Gpu) -> Range:
    """Memory that CUDA reports for one device: less than the driver's figure. `safe` is the smaller one."""
    data = constants()["cuda_total"]
    for row in data["rows"]:
        if row["short_name"] == gpu.short_name and abs(row["driver_mib"] - gpu.memory_mib) * MIB < GIB:
            return gib_range(row["gib"])
    less = gib_range(data["unlisted_less"])
    return Range(gpu.memory_bytes - less.likely_bytes, gpu.memory_bytes - less.safe_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """As on vLLM's command line; None where vLLM shall choose. Nothing here depends on a GPU."""

    vllm_version: str = NEWEST_VLLM
    max_model_len: int | None = None
    """None: the longest that the model was made for."""
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    gpu_memory_utilization: float | None = None
    kv_dtype: str = "auto"
    enforce_eager: bool = False
    images: bool = True
    """False: `--limit-mm-per-prompt` is 0 for every kind, so no encoder runs or is loaded."""
    lora_slots: int = 0
    """0 where LoRA is off, else `--max-loras`."""
    lora_rank: int = 16

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value}: at least 1"
            for name in ("max_model_len", "max_num_seqs", "max_num_batched_tokens")
            if (value := getattr(self, name)) is not None and value < 1
        ]
        if self.gpu_memory_utilization is not None and not 0 < self.gpu_memory_utilization <= 1:
            faults.append(f"gpu_memory_utilization is {self.gpu_memory_utilization}: above 0, at most 1")
        if self.lora_slots < 0 or self.lora_rank < 1:
            faults.append(f"lora_slots is {self.lora_slots}, lora_rank is {self.lora_rank}: at least 0 and 1")
        release(self.vllm_version)
        if faults:
            raise ValueError("engine settings: " + "; ".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSettings:
    """The same with nothing left open: settings of one engine on one kind of GPU."""

    release: Release
    max_model_len: int
    max_num_seqs: int
    max_num_batched_tokens: int
    gpu_memory_utilization: float
    kv_dtype: str
    enforce_eager: bool
    images: bool
    lora_slots: int
    lora_rank: int


def complete(settings: EngineSettings, gpu: Gpu, *, model_max_len: int) -> CompleteSettings:
    """Fill what is open as vLLM's API server does; `model_max_len` is that of the model's config.json."""
    defaults = constants()["batch_defaults"]
    small = any(word in f"{gpu.product} {gpu.short_name}".upper() for word in defaults["small_devices"])
    size_gib = 0 if small else cuda_total(gpu).likely_bytes / GIB
    row = next(row for row in defaults["rows"] if size_gib >= row["from_gib"])
    version = release(settings.vllm_version)
    length = settings.max_model_len or model_max_len
    sequences = settings.max_num_seqs or row["max_num_seqs"]
    batched = settings.max_num_batched_tokens or row["max_num_batched_tokens"]
    if not version.chunked_prefill:
        batched = settings.max_num_batched_tokens or max(length, 2048)
        sequences = settings.max_num_seqs or 256
    return CompleteSettings(
        release=version,
        max_model_len=length,
        max_num_seqs=min(sequences, batched),
        max_num_batched_tokens=batched,
        gpu_memory_utilization=settings.gpu_memory_utilization or version.gpu_memory_utilization,
        kv_dtype=settings.kv_dtype,
        enforce_eager=settings.enforce_eager,
        images=settings.images,
        lora_slots=settings.lora_slots,
        lora_rank=settings.lora_rank,
    )
